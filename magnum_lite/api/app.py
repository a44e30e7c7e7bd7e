# SPDX-License-Identifier: Apache-2.0
"""The WSGI application: pecan inside, and around it what every answer owes its reader."""

from __future__ import annotations

import pecan
from oslo_middleware import http_proxy_to_wsgi, request_id

from magnum_lite.api.authentication import Authenticate, Authentication, keystone
from magnum_lite.api.body import BoundedBody
from magnum_lite.api.deps import ApiDeps
from magnum_lite.api.faults import Faults
from magnum_lite.api.healthcheck import Healthcheck
from magnum_lite.api.hooks import RequestHook
from magnum_lite.api.paths import OneForm
from magnum_lite.api.root import RootController
from magnum_lite.api.versions import Announcement, Application


def new_app(deps: ApiDeps, authenticate: Authenticate | None = None) -> Application:
    """Build the application; tokens are checked with Keystone unless another ``authenticate`` is given."""
    app: Application = pecan.Pecan(
        RootController(),
        hooks=[RequestHook(deps)],
        default_renderer="json",
        force_canonical=False,
        guess_content_type_from_ext=False,
    )
    app = Authentication(app, authenticate or keystone(deps.conf))
    app = Healthcheck(app, deps)
    app = BoundedBody(app, max_bytes=deps.conf.api.max_body_bytes)
    app = OneForm(app)
    app = http_proxy_to_wsgi.HTTPProxyToWSGI(app, deps.conf)
    app = Faults(app)
    app = request_id.RequestId(app)
    return Announcement(app)
