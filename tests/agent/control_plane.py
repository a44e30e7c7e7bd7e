# SPDX-License-Identifier: Apache-2.0
"""A small real HTTP server that answers one node as our API does, and as Heat's signal endpoint."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from magnum_lite.nodeconf import NodeDocument
from tests.agent.authority import Authority
from tests.agent.served import served

NODE = "5d1c4f0e-7a75-4c0b-9a53-7a8f35f3a001"
TOKEN = "node-token"
SIGNAL_TOKEN = "heat-token"
WAIT_SECONDS = 20.0


@functools.cache
def _authority(name: str) -> Authority:
    """Make each authority once: new keys are slow."""
    return Authority(f"{name}-ca")


class ControlPlane:
    """``refusals`` holds, for each route, the codes it answers next instead of doing its work."""

    def __init__(self) -> None:
        self.authorities = {name: copy.copy(_authority(name)) for name in ("kubernetes", "etcd")}
        self.document: NodeDocument | None = None
        self.document_text: str | None = None
        self.refusals: dict[str, deque[int]] = {
            route: deque() for route in ("document", "certificates", "report", "signal")
        }
        self.requests: list[str] = []
        self.reports: list[dict[str, Any]] = []
        self.signals: list[dict[str, Any]] = []
        self.signed: list[str] = []
        self.sign: Callable[[str, str], str] = self.sign_as_asked
        self.before: Callable[[str], None] = lambda route: None
        self.url = ""
        self._changed = threading.Condition()

    @property
    def states(self) -> list[str]:
        return [report["state"] for report in self.reports]

    def sign_as_asked(self, profile: str, csr: str) -> str:
        assert self.document is not None
        wanted = next(one for one in self.document.certificates if one.profile == profile)
        return self.authorities[wanted.authority].sign(csr)

    def await_report(self, state: str) -> dict[str, Any]:
        """Wait until the node has said this of itself and give the report."""
        with self._changed:
            assert self._changed.wait_for(lambda: state in self.states, WAIT_SECONDS), self.reports
            return next(report for report in self.reports if report["state"] == state)

    def await_request(self, route: str) -> None:
        """Wait until this route has been asked."""
        with self._changed:
            assert self._changed.wait_for(lambda: route in self.requests, WAIT_SECONDS), self.requests

    @contextlib.contextmanager
    def serving(self, *, key_and_certificate: Path | None = None) -> Iterator[ControlPlane]:
        """Serve on a free loopback port, with TLS when a key and certificate are given."""
        handler = type("Handler", (_Handler,), {"plane": self})
        with served(handler, key_and_certificate=key_and_certificate) as port:
            self.url = f"{'http' if key_and_certificate is None else 'https'}://127.0.0.1:{port}"
            yield self

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], Any]:
        route = path.rpartition("/")[2]
        with self._changed:
            self.requests.append(route)
            self._changed.notify_all()
        self.before(route)
        if self.refusals[route]:
            return _refusal(self.refusals[route].popleft())
        if route != "signal" and headers["Authorization"] != f"Bearer {TOKEN}":
            return _refusal(401)
        if route == "document":
            return self._answer_document(headers)
        asked = json.loads(body)
        with self._changed:
            result = getattr(self, f"_take_{route}")(asked, headers)
            self._changed.notify_all()
            return result

    def _answer_document(self, headers: Any) -> tuple[int, dict[str, str], Any]:
        if self.document_text is not None:
            return 200, {"ETag": '"text"'}, self.document_text
        if self.document is None:
            return _refusal(409)
        etag = self.document.etag()
        if headers["If-None-Match"] == etag:
            return 304, {"ETag": etag}, None
        return 200, {"ETag": etag}, self.document.to_json()

    def _take_certificates(self, asked: dict[str, Any], headers: Any) -> tuple[int, dict[str, str], Any]:
        self.signed.append(asked["profile"])
        answer = {"profile": asked["profile"], "certificate": self.sign(asked["profile"], asked["csr"])}
        return 201, {}, json.dumps(answer)

    def _take_report(self, asked: dict[str, Any], headers: Any) -> tuple[int, dict[str, str], Any]:
        self.reports.append(asked)
        return 204, {}, None

    def _take_signal(self, asked: dict[str, Any], headers: Any) -> tuple[int, dict[str, str], Any]:
        if headers["X-Auth-Token"] != SIGNAL_TOKEN:
            return _refusal(401)
        self.signals.append(asked)
        return 200, {}, None


def _refusal(status: int) -> tuple[int, dict[str, str], Any]:
    error = {"code": f"code-{status}", "status": status, "title": "Refused", "detail": f"as the test wants {status}"}
    return status, {"Retry-After": "1"}, json.dumps({"errors": [error]})


class _Handler(BaseHTTPRequestHandler):
    plane: ControlPlane
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        status, headers, text = self.plane.answer(self.command, self.path, self.headers, body)
        content = (text or "").encode()
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay quiet: the tests look at what was asked, not at a log."""
