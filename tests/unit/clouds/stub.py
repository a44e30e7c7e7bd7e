# SPDX-License-Identifier: Apache-2.0
"""A cloud of one loopback port that answers what a test tells it to, for what a good cloud never does."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATHS = {
    "identity": "/identity/v3",
    "compute": "/compute/v2.1",
    "network": "/network/v2.0",
    "image": "/image/v2",
    "block-storage": "/volume/v3",
}


@dataclass(frozen=True)
class Answer:
    """One answer: a body that is not bytes goes as JSON; ``wait`` is called first; ``hang_up`` sends nothing at all."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: Callable[[], object] = bool
    hang_up: bool = False

    def encoded(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Seen:
    """One request as the stub saw it; ``target`` is its path and query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: Any


class Stub:
    """Answers each method and path in turn with what was given; the last answer stays."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        links = [{"rel": "self", "href": f"{url}/identity/v3/"}]
        self.give("GET", "/identity/v3", Answer(200, {"version": {"id": "v3.14", "status": "stable", "links": links}}))
        self.sign_in_to()

    def sign_in_to(self, **urls: str | None) -> None:
        """Give tokens whose catalog has these URLs instead of the stub's own; ``None`` leaves the service out."""
        endpoints = {type_: self.url + path for type_, path in PATHS.items()} | urls
        self.give("POST", "/identity/v3/auth/tokens", Answer(201, token(endpoints), {"X-Subject-Token": "a-token"}))

    def give(self, method: str, path: str, *answers: Answer) -> None:
        self._answers[method, path] = list(answers)

    def calls(self, *, service: str = "") -> list[tuple[str, str]]:
        """List method and target of what was asked below a service's prefix, but for how to log in."""
        login = ("/identity/v3", "/identity/v3/auth/tokens")
        return [
            (seen.method, seen.target)
            for seen in self.seen
            if seen.target.startswith(f"/{service}") and seen.target not in login
        ]

    def take(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        answers = self._answers.get((seen.method, seen.target.partition("?")[0]))
        if not answers:
            return Answer(404, {"error": {"message": f"no {seen.target} here"}})
        return answers.pop(0) if len(answers) > 1 else answers[0]


def token(urls: Mapping[str, str | None]) -> dict[str, Any]:
    """Give the body of a token whose catalog has these services in one region."""
    catalog = [
        {
            "type": type_,
            "name": type_,
            "endpoints": [
                {"interface": interface, "region_id": "RegionOne", "region": "RegionOne", "url": url}
                for interface in ("public", "internal")
            ],
        }
        for type_, url in urls.items()
        if url is not None
    ]
    domain = {"id": "default", "name": "Default"}
    return {
        "token": {
            "methods": ["password"],
            "user": {"id": "u", "name": "magnum", "domain": domain},
            "project": {"id": "p", "name": "service", "domain": domain},
            "roles": [{"id": "r", "name": "admin"}],
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "catalog": catalog,
        }
    }


@contextlib.contextmanager
def running() -> Iterator[Stub]:
    """Run a stub until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    stub = Stub(f"http://127.0.0.1:{server.server_port}")
    server.stub = stub  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in one segment, or the client would delay its acknowledgement of the first.
    wbufsize = -1

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        stub: Stub = self.server.stub  # type: ignore[attr-defined]
        answer = stub.take(Seen(self.command, self.path, dict(self.headers), body))
        answer.wait()
        if answer.hang_up:
            self.close_connection = True
            return
        content = answer.encoded()
        headers = {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(content))}
        with contextlib.suppress(ConnectionError):
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
