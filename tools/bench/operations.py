# SPDX-License-Identifier: Apache-2.0
"""What the API is asked for while its speed is measured."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tenant import wish

Ask = Callable[[int], tuple[str, str, object]]
"""Gives method, path below the API's URL, and body of the request with this number."""


@dataclass(frozen=True)
class Operation:
    """One kind of request: how many of them make a figure, and what answers them; ``listed`` is how many items."""

    name: str
    count: int
    status: int
    ask: Ask
    listed: int | None = None


class Requests:
    """Writes requests down as they go over a connection, every one with a number of its own."""

    def __init__(self, api_url: str, token: str) -> None:
        parts = urlsplit(api_url)
        self._path = parts.path
        self._head = (
            f"Host: {parts.netloc}\r\nX-Auth-Token: {token}\r\nAccept: application/json\r\n"
            "OpenStack-API-Version: container-infra latest\r\n"
        )
        self._numbers = itertools.count()

    def of(self, operation: Operation, count: int) -> Iterator[bytes]:
        """Give so many requests for this."""
        return (self._written(*operation.ask(next(self._numbers))) for _ in range(count))

    def _written(self, method: str, path: str, body: object) -> bytes:
        text = b"" if body is None else json.dumps(body).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n" if text else ""
        return f"{method} {self._path}{path} HTTP/1.1\r\n{self._head}{kind}\r\n".encode() + text


def operations(uuids: Sequence[str], template: str, *, share: float) -> list[Operation]:
    """Give everything that is measured, a share of the usual number of requests each.

    The clusters with these UUIDs take turns. What makes more clusters comes last.
    """

    def cluster(number: int) -> str:
        return f"/clusters/{uuids[number % len(uuids)]}"

    def health(number: int) -> tuple[str, str, object]:
        said = {"api": "ok", f"node-{number % 2}.Ready": "True"}
        operations = [
            {"op": "replace", "path": "/health_status", "value": "HEALTHY"},
            {"op": "replace", "path": "/health_status_reason", "value": said},
        ]
        return "PATCH", cluster(number), operations

    def create(number: int) -> tuple[str, str, object]:
        return "POST", "/clusters", wish(f"bench-{number}", template, masters=1, workers=2)

    def some(usual: int) -> int:
        return max(1, round(usual * share))

    return [
        Operation("GET one cluster", some(600), 200, lambda number: ("GET", cluster(number), None)),
        Operation("list 100", some(150), 200, lambda _: ("GET", "/clusters?limit=100", None), listed=100),
        Operation("list 1000", some(30), 200, lambda _: ("GET", "/clusters?limit=1000", None), listed=1000),
        Operation("health PATCH", some(400), 202, health),
        Operation("POST cluster", some(120), 202, create),
    ]
