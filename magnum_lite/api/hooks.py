# SPDX-License-Identifier: Apache-2.0
"""What every request is given before it is routed: what the service was built with, its version, who asks."""

from __future__ import annotations

from typing import Any

from pecan import hooks

from magnum_lite import errors
from magnum_lite.api import current, rules, trusting
from magnum_lite.api.authentication import IDENTITY
from magnum_lite.api.deps import ApiDeps
from magnum_lite.api.faults import REQUEST_ID
from magnum_lite.api.versions import negotiate
from magnum_lite.context import RequestContext
from magnum_lite.store import clusters


class RequestHook(hooks.PecanHook):  # type: ignore[misc]
    """Puts deps, version and context where ``current`` finds them."""

    def __init__(self, deps: ApiDeps) -> None:
        self._deps = deps

    def on_route(self, state: Any) -> None:
        environ: dict[str, Any] = state.request.environ
        environ[current.DEPS] = self._deps
        environ[current.VERSION] = negotiate(environ.get("HTTP_OPENSTACK_API_VERSION"))
        environ[current.CONTEXT] = self._context(environ)

    def _context(self, environ: dict[str, Any]) -> RequestContext:
        """Believe identity headers only where the authentication has set them."""
        request_id = environ.get(REQUEST_ID)
        if not environ.get(IDENTITY):
            return RequestContext(request_id=request_id)
        context: RequestContext = RequestContext.from_environ(
            environ, auth_plugin=environ.get("keystone.token_auth"), request_id=request_id
        )
        if not context.project_id:
            raise errors.Forbidden("the token is not scoped to a project: this API needs one that is")
        context.is_cluster_user = context.user_domain_name == self._deps.conf.cluster_user.domain_name
        trustee = trusting.trustee_of(environ)
        if trustee is not None and self._is_cluster_user(str(context.project_id), trustee):
            # Its token says the name of the one who asked for the cluster, and it may do less.
            context.is_cluster_user, context.user_id = True, trustee
        own = {"project_id": context.project_id, "user_id": context.user_id}
        context.is_admin = self._deps.policy.allows(rules.CONTEXT_IS_ADMIN, context, own)
        return context

    def _is_cluster_user(self, project_id: str, user_id: str) -> bool:
        with self._deps.store.read() as session:
            return clusters.has_user(session, project_id, user_id)
