# SPDX-License-Identifier: Apache-2.0
"""The services behind the API and whether they live."""

from __future__ import annotations

from magnum_lite.api.current import deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import ADMIN, Rule
from magnum_lite.api.v1.mservices_views import MService, MServices
from magnum_lite.store import services

GET_ALL = Rule("magnum-service:get_all", ADMIN, "List the services and their states.")


@expose("GET /v1/mservices", MServices, rule=GET_ALL)
def list_() -> MServices:
    """List the conductors that have ever lived, each with whether it has been heard of lately."""
    with deps().store.read() as session:
        rows = services.list_(session)
    now, limit = deps().clock(), deps().conf.api.service_down_seconds
    return MServices(mservices=[MService.of(row, is_up=row.is_up(now, limit)) for row in rows])
