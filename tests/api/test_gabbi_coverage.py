# SPDX-License-Identifier: Apache-2.0
"""The files of ``gabbits`` leave no route out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from magnum_lite.api.root import TABLE
from magnum_lite.api.routes import MethodNotAllowed, UnknownURL
from magnum_lite.api.versions import MAXIMUM

METHODS = ("GET", "POST", "PATCH", "DELETE")
REFERENCE = re.compile(r"(\$HISTORY\['[^']*'\]\.)?\$RESPONSE\['[^']*'\]")
# Those a server gives for what it lacks, and for a body that no file should hold, are tried elsewhere.
ELSEWHERE = {413, 503}


def answers() -> Iterator[tuple[str, int]]:
    """Give every route that a file asks, with the status that it expects."""
    for path in (Path(__file__).parent / "gabbits").rglob("*.yaml"):
        for test in yaml.safe_load(path.read_text())["tests"]:
            method = next((method for method in METHODS if method in test), None)
            route = method and _route(method, test[method])
            if route:
                yield route, test.get("status", 200)


def _route(method: str, url: str) -> str | None:
    path = REFERENCE.sub("x", url).partition("?")[0].rstrip("/") or "/"
    try:
        route, _ = TABLE.find(method, path.split("/")[1:], MAXIMUM)
    except (UnknownURL, MethodNotAllowed):
        return None
    return f"{route.method} {route.path}"


def test_every_route_is_asked_and_does_what_it_is_for() -> None:
    wanted = {(f"{route.method} {route.path}", route.status_code) for route in TABLE.routes}

    assert wanted - set(answers()) == set()


def test_every_status_that_a_route_answers_with_is_seen() -> None:
    wanted = {route.status_code for route in TABLE.routes} | {code for route in TABLE.routes for code in route.instead}
    wanted |= {error.code for route in TABLE.routes for error in route.raises} | {400, 401, 403, 404, 406}

    assert wanted - ELSEWHERE - {status for _, status in answers()} == set()
