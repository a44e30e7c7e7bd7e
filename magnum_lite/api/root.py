# SPDX-License-Identifier: Apache-2.0
"""The table of all routes, and the controller through which pecan reaches them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pecan

from magnum_lite.api import current
from magnum_lite.api.routes import Route, Table
from magnum_lite.api.v1 import (
    actions,
    agent,
    certificates,
    clusters,
    clustertemplates,
    courses,
    credentials,
    discovery,
    labels,
    mservices,
    nodegroups,
    openapi,
    quotas,
    stats,
)

MODULES: tuple[ModuleType, ...] = (
    discovery,
    openapi,
    clustertemplates,
    clusters,
    actions,
    nodegroups,
    courses,
    certificates,
    credentials,
    quotas,
    stats,
    labels,
    mservices,
    agent,
)

TABLE = Table(value for module in MODULES for value in vars(module).values() if isinstance(value, Route))


class RootController:
    """Hands every request to the route that the table has for it."""

    def __init__(self) -> None:
        self._controllers = {(route.method, route.path): RouteController(route).respond for route in TABLE.routes}

    @pecan.expose()  # type: ignore[untyped-decorator]
    def _route(self, args: Sequence[str], request: Any) -> tuple[Callable[..., Any], list[str]]:
        route, values = TABLE.find(request.method, args, current.version())
        return self._controllers[(route.method, route.path)], values


class RouteController:
    """What pecan calls for one route: it wants a method."""

    def __init__(self, route: Route) -> None:
        self.own = route

    @pecan.expose(content_type="application/json")  # type: ignore[untyped-decorator]
    def respond(self, *arguments: str) -> Any:
        self.own.respond(arguments)
        return current.answer()
