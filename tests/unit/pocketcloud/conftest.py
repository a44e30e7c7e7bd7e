# SPDX-License-Identifier: Apache-2.0
"""A furnished pocket cloud on a free port, and callers of it with tokens."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from magnum_lite.pocketcloud.cloud import Settings
from magnum_lite.pocketcloud.server import PocketCloud, free_port

PASSWORD = "secret"
TIMEOUT = 10
PATIENCE = 10.0


@dataclasses.dataclass(frozen=True)
class Caller:
    """Somebody who calls the services below one URL."""

    url: str
    token: str = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        given = {"X-Auth-Token": self.token} if self.token else {}
        wanted = {**given, **{key.replace("_", "-"): value for key, value in headers.items()}}
        return requests.request(method, self.url + path, json=body, headers=wanted, timeout=TIMEOUT)

    def get(self, path: str, **headers: str) -> Any:
        """Give the JSON of an answer that must be good."""
        answer = self.call("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, path: str, body: Any, **headers: str) -> Any:
        """POST, and give the inner object of an answer that must be good."""
        answer = self.call("POST", path, body, **headers)
        assert answer.status_code in (200, 201, 202), answer.text
        return next(iter(answer.json().values()))


def until(reached: Callable[[], Any]) -> Any:
    """Look again until something is true, for a bounded time; gives it."""
    end = time.monotonic() + PATIENCE
    while not (found := reached()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)
    return found


@pytest.fixture
def pocket(tmp_path: Path) -> Iterator[PocketCloud]:
    port = free_port()
    settings = Settings(
        url=f"http://127.0.0.1:{port}", state_dir=tmp_path, server_seconds=0.05, load_balancer_seconds=0.05
    )
    pocket = PocketCloud(settings, port)
    yield pocket
    pocket.stop()


@pytest.fixture
def anybody(pocket: PocketCloud) -> Caller:
    return Caller(pocket.cloud.settings.url)


@pytest.fixture
def log_in(anybody: Caller) -> Callable[..., Caller]:
    """Give a function that gives a caller by user and project."""

    def log_in(user: str, project: str = "", *, domain: str = "", password: str = PASSWORD) -> Caller:
        place = {"id": "default"} if not domain else {"name": domain}
        auth: dict[str, Any] = {
            "identity": {
                "methods": ["password"],
                "password": {"user": {"name": user, "domain": place, "password": password}},
            }
        }
        auth["scope"] = (
            {"domain": {"name": domain}}
            if domain
            else {"project": {"name": project or user, "domain": {"id": "default"}}}
        )
        answer = anybody.call("POST", "/identity/v3/auth/tokens", {"auth": auth})
        assert answer.status_code == 201, answer.text
        return dataclasses.replace(anybody, token=answer.headers["X-Subject-Token"])

    return log_in


@pytest.fixture
def demo(log_in: Callable[..., Caller]) -> Caller:
    return log_in("demo")


@pytest.fixture
def admin(log_in: Callable[..., Caller]) -> Caller:
    return log_in("admin")


@pytest.fixture
def wait() -> Callable[[Callable[[], Any]], Any]:
    return until
