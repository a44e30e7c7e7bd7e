# SPDX-License-Identifier: Apache-2.0
"""Requests as gophercloud sends them, and its view of which answers are good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import requests
from keystoneauth1.session import Session

from tests.system.go_models import Accepted, decode

Model = TypeVar("Model")

CALL_SECONDS = 60.0
MOST_PAGES = 100
MADE, ACCEPTED, UPDATED, DELETED = (201,), (202,), (200, 202), (202, 204)
Patch = Sequence[tuple[Any, ...]]


class Refused(Exception):
    """An answer with a status that the call does not take as good."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
        self.code = answer.status_code
        self.text = answer.text


class GoClient:
    """Sends requests to the service of a type, and of a name if one is given, as the catalog knows it."""

    def __init__(self, session: Session, kind: str = "container-infra", *, microversion: str | None = None) -> None:
        self._session = session
        self.microversion = microversion
        self.url = str(session.get_endpoint(service_type=kind, interface="public", region_name="RegionOne"))

    def get(self, model: type[Model], path: str) -> Model:
        return decode(model, self.call("GET", path, (200,)).json())

    def post(self, model: type[Model], path: str, body: Any, good: Sequence[int] = ACCEPTED) -> Model:
        return decode(model, self.call("POST", path, good, body).json())

    def patch(self, model: type[Model], path: str, changes: Patch, good: Sequence[int] = UPDATED) -> Model:
        """Send changes, each of an operation, a path and, if there is one, a value."""
        body = [dict(zip(("op", "path", "value"), change, strict=False)) for change in changes]
        return decode(model, self.call("PATCH", path, good, body).json())

    def resize(self, cluster: str, count: int, **more: Any) -> str:
        body = {"node_count": count, **more}
        return self.post(Accepted, f"/clusters/{cluster}/actions/resize", body, UPDATED).uuid

    def delete(self, path: str) -> None:
        self.call("DELETE", path, DELETED)

    def pages(self, model: type[Model], path: str) -> Iterator[Model]:
        """Give every page of a list, following the absolute URLs that pages name, until one is empty."""
        url = self.url + path
        for _ in range(MOST_PAGES):
            page = decode(model, self._send("GET", url, (200,)).json())
            yield page
            url = page.next  # type: ignore[attr-defined]
            if not url:
                return
        raise AssertionError(f"more than {MOST_PAGES} pages of {path}")

    def call(self, method: str, path: str, good: Sequence[int], body: Any = None) -> requests.Response:
        return self._send(method, self.url + path, good, body)

    def _send(self, method: str, url: str, good: Sequence[int], body: Any = None) -> requests.Response:
        headers = {"X-Auth-Token": str(self._session.get_token()), "Accept": "application/json"}
        headers["User-Agent"] = "gophercloud/v2.12.0"
        if self.microversion is not None:
            headers["OpenStack-API-Version"] = f"container-infra {self.microversion}"
        answer = requests.request(
            method, url, json=body, headers=headers, timeout=CALL_SECONDS, allow_redirects=method == "GET"
        )
        assert answer.headers.get("x-openstack-request-id"), f"no request ID: {method} {url}"
        if answer.status_code not in good:
            raise Refused(answer)
        return answer
