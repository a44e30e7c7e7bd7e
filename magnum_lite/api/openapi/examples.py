# SPDX-License-Identifier: Apache-2.0
"""Examples of requests and answers: one file of ``examples`` for each operation, taken from a real answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from magnum_lite.api.openapi.names import operation_id
from magnum_lite.api.routes import Route


@dataclass(frozen=True)
class Example:
    """One request and its answer; ``path`` are values of the path's parameters, ``None`` is no body."""

    version: str
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    request: Any = None
    response: Any = None


def example_of(route: Route) -> Example:
    """Read a route's example; raise ``ValueError`` when it has none."""
    file = resources.files(__package__) / "examples" / f"{operation_id(route)}.json"
    if not file.is_file():
        raise ValueError(f"{route.method} {route.path} needs an example in {file.name}: see doc/source/add-a-route.rst")
    return Example(**json.loads(file.read_text()))
