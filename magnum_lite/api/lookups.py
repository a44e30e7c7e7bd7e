# SPDX-License-Identifier: Apache-2.0
"""What a request needs of the cloud, done with the requester's own token: things looked up by name, and a trust."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Protocol

from oslo_config import cfg

from magnum_lite import errors
from magnum_lite.clouds import cinder, glance, keystone, neutron, nova, session
from magnum_lite.context import RequestContext


class Clouds(Protocol):
    """What requests look up; each raises ``InvalidField`` with the field's name when there is no such thing.

    A keypair and a project that are not there are ``NotFound``, as in Magnum.
    """

    def get_image(self, context: RequestContext, ident: str) -> glance.Image: ...
    def get_flavor(self, context: RequestContext, ident: str, field: str) -> nova.Flavor: ...
    def get_keypair(self, context: RequestContext, name: str) -> nova.Keypair: ...
    def check_network(self, context: RequestContext, ident: str, field: str, *, external: bool | None) -> None: ...
    def check_subnet(self, context: RequestContext, ident: str) -> None: ...
    def check_volume_type(self, context: RequestContext, ident: str, field: str) -> None: ...
    def get_project(self, context: RequestContext, project_id: str) -> keystone.Project: ...

    def make_trust(self, context: RequestContext, user_name: str, roles: Sequence[str]) -> str:
        """Have the requester trust a cluster's user, who is made if need be, with these roles; give the trust's ID."""


class RequesterClouds:
    """``Clouds`` over the clients of ``clouds/``; what the cloud forbids the requester is forbidden here too."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._flavors: dict[str, str] = {}
        self._service: session.CloudSession | None = None

    def get_image(self, context: RequestContext, ident: str) -> glance.Image:
        with self._session(context) as own:
            return glance.get_image(own, ident)

    def get_flavor(self, context: RequestContext, ident: str, field: str) -> nova.Flavor:
        with self._session(context) as own:
            return nova.get_flavor(own, ident, field=field, known=self._flavors)

    def get_keypair(self, context: RequestContext, name: str) -> nova.Keypair:
        with self._session(context) as own:
            return nova.get_keypair(own, name)

    def check_network(self, context: RequestContext, ident: str, field: str, *, external: bool | None) -> None:
        with self._session(context) as own:
            neutron.get_network(own, ident, external=external, field=field)

    def check_subnet(self, context: RequestContext, ident: str) -> None:
        with self._session(context) as own:
            neutron.get_subnet(own, ident)

    def check_volume_type(self, context: RequestContext, ident: str, field: str) -> None:
        with self._session(context) as own:
            cinder.get_volume_type(own, ident, field=field)

    def get_project(self, context: RequestContext, project_id: str) -> keystone.Project:
        with self._session(context) as own:
            return keystone.get_project(own, project_id)

    def make_trust(self, context: RequestContext, user_name: str, roles: Sequence[str]) -> str:
        # The service makes the user, which no requester may; the trust can only be the requester's own doing.
        self._service = self._service or session.service_session(self._conf)
        user = keystone.ensure_user(self._service, self._conf.cluster_user.domain_name, user_name, None)
        with self._session(context) as own:
            return keystone.create_trust(
                own,
                trustor_id=str(context.user_id),
                trustee_id=user.id,
                project_id=str(context.project_id),
                role_names=keystone.with_implied(self._service, roles),
            )

    @contextlib.contextmanager
    def _session(self, context: RequestContext) -> Iterator[session.CloudSession]:
        try:
            yield session.user_session(self._conf, context.auth_plugin)
        except errors.CloudForbidden as error:
            raise errors.Forbidden(error.message) from error
