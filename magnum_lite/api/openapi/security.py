# SPDX-License-Identifier: Apache-2.0
"""How a requester proves itself to a route: with a Keystone token, as a node with its own, or not at all."""

from __future__ import annotations

from typing import Any

from magnum_lite.api import paths
from magnum_lite.api.routes import Route

KEYSTONE = "keystone"
NODE = "node"
SCHEMES = {
    KEYSTONE: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Auth-Token",
        "description": "A Keystone token that is scoped to a project.",
    },
    NODE: {"type": "http", "scheme": "bearer", "description": "The token that a node got with its first document."},
}


def needs_token(route: Route) -> bool:
    return bool(security_of(route))


def security_of(route: Route) -> list[dict[str, Any]]:
    """Give the security requirements of a route; an empty list is for everybody."""
    if route.path.startswith(paths.AGENT):
        return [{NODE: []}]
    return [] if paths.is_public(route.path) else [{KEYSTONE: []}]
