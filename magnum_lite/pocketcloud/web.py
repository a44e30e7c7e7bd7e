# SPDX-License-Identifier: Apache-2.0
"""How a service of the pocket cloud declares its routes: a table of handlers that take a Request and give an Answer."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud


@dataclasses.dataclass(frozen=True)
class Request:
    """One call: who asks, the path's arguments, the query (every value of a key) and the JSON body (None if none).

    `base_url` is the service's own URL, e.g. http://127.0.0.1:9500/orchestration/v1/<project id>, for links.
    """

    cloud: "Cloud"
    scope: Scope
    args: Mapping[str, str]
    query: Mapping[str, list[str]]
    json: Any
    headers: Mapping[str, str]
    base_url: str = ""

    def first(self, key: str, default: str = "") -> str:
        """Give the query's first value for the key."""
        values = self.query.get(key)
        return values[0] if values else default

    def body(self, key: str) -> dict[str, Any]:
        """Give the object under the body's one key; 400 when it is not there."""
        inner = self.json.get(key) if isinstance(self.json, dict) else None
        if not isinstance(inner, dict):
            raise errors.bad_request(f"{key}: the request body must be a JSON object with an object named {key}")
        return inner


@dataclasses.dataclass(frozen=True)
class Answer:
    """What goes back: the status, a JSON value (None: no body; str: plain text; bytes: as they are) and headers."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


Handler = Callable[[Request], Answer]


@dataclasses.dataclass(frozen=True)
class Route:
    """Methods ("GET" or "GET,HEAD"), a path in werkzeug's notation below the service's prefix, and the handler.

    The handler's name is the operation that faults are switched on by ("create_stack").
    `open` routes need no token: their scope is empty. `reads` marks a POST that changes nothing, so readers may.
    """

    methods: str
    path: str
    handler: Handler
    open: bool = False
    reads: bool = False
