# SPDX-License-Identifier: Apache-2.0
"""What holds for every answer, whatever was asked: it is as the document says, and it tells nothing of our insides."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import jsonschema_rs

from magnum_lite.api.openapi.document import document
from magnum_lite.api.openapi.operations import JSON
from magnum_lite.api.root import TABLE
from magnum_lite.api.routes import Route
from magnum_lite.api.versions import Application

INSIDES = re.compile(
    r"Traceback|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) \w|sqlite3|sqlalchemy|/magnum_lite/|\.py\b|File \"|<class '"
    r"|object at 0x"
)


@functools.cache
def the_document() -> dict[str, Any]:
    return document(TABLE.routes)


def check_safe(status: int, text: str, *, sent: str = "") -> None:
    """Refuse a failure of the server, and words that only our insides could have put into an answer."""
    told = [word for word in (match[0] for match in INSIDES.finditer(text)) if word not in sent]

    assert status < 500, text[:2000]
    assert told == [], text[:2000]


def check_documented(route: Route, status: int, kind: str, body: bytes) -> None:
    """Refuse a status, a content type or a shape that the document does not know for a route."""
    responses, _ = _described(route.method, route.path)
    asked = f"{route.method} {route.path}"
    hint = "see doc/source/add-a-route.rst"
    assert str(status) in responses, f"{asked} answered with {status}, which is not documented: {hint}"
    content = responses[str(status)].get("content")
    if content is None:
        assert body == b"", f"{asked} answered {status} with a body, and none is documented: {hint}"
        return
    assert kind == JSON, f"{asked} answered {status} as {kind!r}"
    wrong = [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in _validator(route.method, route.path, str(status)).iter_errors(json.loads(body))
    ]
    assert wrong == [], f"{asked} answered {status} in a shape that is not documented"


@functools.cache
def _described(method: str, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a route's responses and the components they refer to; what other routes lack does not matter here."""
    described = document(route for route in TABLE.routes if (route.method, route.path) == (method, path))
    return described["paths"][path][method.lower()]["responses"], described["components"]


@functools.cache
def _validator(method: str, path: str, status: str) -> Any:
    responses, components = _described(method, path)
    return _compiled(responses[status]["content"][JSON]["schema"], components)


def validator_of(schema: dict[str, Any]) -> Any:
    """Give a validator for a schema of the document."""
    return _compiled(schema, the_document()["components"])


def _compiled(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    return jsonschema_rs.Draft202012Validator({**schema, "components": components}, validate_formats=True)


class Documented:
    """Around the application in all tests: an answer that the document does not know fails the test that got it.

    Failures of the server are provoked by some tests and documented for none.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        started: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [int(status.split(" ")[0]), {name.lower(): value for name, value in headers}]
            return start_response(status, headers, exc_info)

        body = b"".join(self._application(environ, note))
        status, headers = started
        route = _find(method, path)
        if route is not None and status != 500:
            check_documented(route, status, headers.get("content-type", ""), body)
        return [body]


def _find(method: str, path: str) -> Route | None:
    """Give the route a request is for, in whatever form its path is."""
    segments = path.strip("/").split("/")
    segments = segments if segments[0] in ("v1", "") else ["v1", *segments]
    fitting = [route for route in TABLE.routes if route.match(segments) is not None]
    return next((one for one in fitting if one.path == fitting[0].path and one.method == method), None)
