# SPDX-License-Identifier: Apache-2.0
"""Registries on the loopback address: Debian's docker-registry, and a small server that asks for tokens."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from magnum_lite.pocketcloud.registry import Content, Registry
from tests import lacking
from tests.servers import HOST, free_port

SECONDS = 20.0
TIMEOUT = 10.0


@contextlib.contextmanager
def docker_registry(folder: Path) -> Iterator[str]:
    """Run docker-registry with an empty store and give its URL; skip, or fail with REQUIRE_ALL=1, without it."""
    program = lacking.program("docker-registry")
    port = free_port()
    settings = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "store")}},
        "http": {"addr": f"{HOST}:{port}"},
    }
    path = folder / "registry.yaml"
    path.write_text(yaml.safe_dump(settings))
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(path)], stdout=log, stderr=log, cwd=folder)
    try:
        url = f"http://{HOST}:{port}"
        _await(url, process, folder / "registry.log")
        yield url
    finally:
        process.terminate()
        process.wait(TIMEOUT)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{url}/v2/", timeout=TIMEOUT).ok:
                return
        time.sleep(0.05)
    pytest.fail(f"docker-registry does not answer: {log.read_text()}")


def push(url: str, repository: str, tag: str) -> str:
    """Push an index of two machines with everything below it, and give its digest."""
    made = Registry()
    index = made.image(repository, tag)
    for one in json.loads(index.data)["manifests"]:
        manifest = _part(made, one["digest"])
        parts = json.loads(manifest.data)
        for blob in (parts["config"], *parts["layers"]):
            _push_blob(url, repository, _part(made, blob["digest"]))
        _put(f"{url}/v2/{repository}/manifests/{manifest.digest}", manifest)
    _put(f"{url}/v2/{repository}/manifests/{tag}", index)
    return index.digest


def _part(made: Registry, digest: str) -> Content:
    found = made.find(digest)
    assert found is not None
    return found


def _push_blob(url: str, repository: str, content: Content) -> None:
    begun = requests.post(f"{url}/v2/{repository}/blobs/uploads/", timeout=TIMEOUT)
    begun.raise_for_status()
    where = begun.headers["Location"]
    joint = "&" if "?" in where else "?"
    _put(f"{where}{joint}digest={content.digest}", Content("application/octet-stream", content.data))


def _put(url: str, content: Content) -> None:
    headers = {"Content-Type": content.media}
    requests.put(url, data=content.data, headers=headers, timeout=TIMEOUT).raise_for_status()


@dataclass
class Script:
    """What a stub answers: status, headers and body by path, and to whom it gives a token."""

    answers: dict[str, tuple[int, Mapping[str, str], bytes]] = field(default_factory=dict)
    token: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""


class _Stub(BaseHTTPRequestHandler):
    script: Script

    def do_GET(self) -> None:
        path, given = self.path.partition("?")[0], self.headers.get("Authorization")
        self.script.asked.append((self.path, given))
        if self.script.token and path.startswith("/v2/") and given != f"Bearer {self.script.token}":
            realm = f'Bearer realm="{self.script.url}/token",service="stub",scope="repository:a:pull"'
            self._answer(401, {"WWW-Authenticate": realm}, b"")
            return
        self._answer(*self.script.answers.get(path, (404, {}, b"")))

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def stub() -> Iterator[Script]:
    """Run a server that answers as it is told to."""
    script = Script()
    server = ThreadingHTTPServer((HOST, 0), type("Told", (_Stub,), {"script": script}))
    script.url = f"http://{HOST}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
