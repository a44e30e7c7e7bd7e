# SPDX-License-Identifier: Apache-2.0
"""Routes: what answers a method on a path, from which version on, under which rule and in which shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from magnum_lite import errors
from magnum_lite.api import body as bodies
from magnum_lite.api import current, wire
from magnum_lite.api.paths import QUERY
from magnum_lite.api.rules import Rule
from magnum_lite.api.v1.empty_views import NoQuery
from magnum_lite.api.versions import MINIMUM, Version


@dataclass(frozen=True)
class Route:
    """One thing the API does.

    ``answer``, ``body`` and ``query`` are views. ``rule`` is checked before anything else, ``None`` where everybody
    may; the rules of ``also`` are checked by the function itself when a request asks for what they guard.

    The rest is for the documents only: the errors it answers with that do not follow from the above (see
    ``openapi/statuses.py``), the statuses it answers with instead of its own and what they mean, and the headers it
    reads.
    """

    method: str
    path: str
    function: Callable[..., Any]
    answer: Any
    body: Any
    query: Any
    status_code: int
    rule: Rule | None
    also: tuple[Rule, ...]
    since: Version
    raises: tuple[type[errors.MagnumLiteError], ...] = ()
    instead: Mapping[int, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.path.split("/")[1:])

    def match(self, segments: Sequence[str]) -> list[str] | None:
        """Give the values of the path's parameters, or ``None`` for a path that is another one."""
        wanted = self.segments
        if len(wanted) != len(segments):
            return None
        pairs = list(zip(wanted, segments, strict=True))
        if any(own != given for own, given in pairs if not own.startswith("{")):
            return None
        values = [given for own, given in pairs if own.startswith("{")]
        return values if all(values) else None

    def respond(self, arguments: Sequence[str]) -> None:
        """Answer the current request: rule first, then what was sent, then the story itself."""
        if self.rule is not None:
            self.rule.check(current.context())
        environ = current.environ()
        sent = {}
        query = wire.read_query(self.query or NoQuery, environ[QUERY])
        if self.query is not None:
            sent["query"] = query
        if self.body is not None:
            sent["body"] = wire.read(self.body, bodies.parse(environ[bodies.BODY]))
        response = current.answer()
        response.status = self.status_code
        result = self.function(*arguments, **sent)
        if result is not None:
            response.content_type = "application/json"
            response.body = self._text(result)

    def _text(self, result: Any) -> bytes:
        if isinstance(result, bytes):
            return result
        return result.encode() if isinstance(result, str) else wire.render(self.answer, result)


def expose(
    route: str,
    answer: Any = None,
    *,
    rule: Rule | None,
    also: tuple[Rule, ...] = (),
    body: Any = None,
    query: Any = None,
    status_code: int = 200,
    since: str = str(MINIMUM),
    raises: tuple[type[errors.MagnumLiteError], ...] = (),
    instead: Mapping[int, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., Any]], Route]:
    """Make a function answer ``METHOD /path/{parameter}``.

    It is called with the path's parameters, with ``body`` and ``query`` as views where the route has them, and gives
    a view, JSON text (as text or bytes), or ``None`` for an answer without a body.
    """
    method, path = route.split(" ")

    def decorate(function: Callable[..., Any]) -> Route:
        return Route(
            method,
            path,
            function,
            answer,
            body,
            query,
            status_code,
            rule,
            also,
            Version.parse(since),
            raises,
            instead or {},
            headers or {},
        )

    return decorate


class Table:
    """All routes; of two that fit a path the one with fewer parameters is meant."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = sorted(routes, key=lambda route: (route.path.count("{"), route.path, route.method))

    def find(self, method: str, segments: Sequence[str], version: Version) -> tuple[Route, list[str]]:
        """Give what answers and the values of its path's parameters.

        Raises ``NotFound`` for a path no route has, ``MethodNotAllowed``, and ``NotAcceptable`` before its version.
        """
        fitting = [(route, values) for route in self.routes if (values := route.match(segments)) is not None]
        if not fitting:
            raise UnknownURL("URL", "/" + "/".join(segments)[:200])
        path = fitting[0][0].path
        here = [(route, values) for route, values in fitting if route.path == path]
        for route, values in here:
            if route.method != method:
                continue
            if version < route.since:
                raise errors.NotAcceptable(
                    f"{method} {path} is there from microversion {route.since} on; the request asked for {version}"
                )
            return route, values
        raise MethodNotAllowed(method, path, tuple(sorted(route.method for route, _ in here)))


class UnknownURL(errors.NotFound):
    slug = "unknown-url"


class MethodNotAllowed(errors.MagnumLiteError):
    code = 405
    slug = "method-not-allowed"

    def __init__(self, method: str, path: str, allowed_methods: tuple[str, ...]) -> None:
        super().__init__(f"{path} does not take {method[:20]}: it takes {', '.join(allowed_methods)}")
        self.allowed_methods = allowed_methods
