# SPDX-License-Identifier: Apache-2.0
"""A small real server of downloads, which may lead elsewhere, end too early or be silent; and archives to serve."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import ssl
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from magnum_lite.nodeconf import Source
from tests.agent.served import served


@dataclass
class Reply:
    """``announced`` is the length that is said, if it is another one than that of the body."""

    body: bytes = b""
    status: int = 200
    location: str | None = None
    announced: int | None = None


class Downloads:
    """``replies`` maps a path to what is answered; ``asked`` are the paths in the order they were asked for."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.asked: list[str] = []
        self.url = ""
        self.port = 0

    def offer(self, path: str, body: bytes) -> Source:
        """Serve the body and give where it is and what it must be."""
        self.replies[path] = Reply(body)
        return Source(f"{self.url}{path}", hashlib.sha256(body).hexdigest())

    @contextlib.contextmanager
    def serving(
        self, *, key_and_certificate: Path | None = None, client_authority: str | None = None
    ) -> Iterator[Downloads]:
        """Serve on a free loopback port, over TLS with a certificate, there only to clients of an authority."""
        answering = type("Answering", (_Answering,), {"downloads": self})
        with served(answering, key_and_certificate=key_and_certificate, client_authority=client_authority) as self.port:
            self.url = f"{'http' if key_and_certificate is None else 'https'}://127.0.0.1:{self.port}"
            yield self


class _Answering(BaseHTTPRequestHandler):
    downloads: Downloads

    def do_GET(self) -> None:
        self.downloads.asked.append(self.path)
        reply = self.downloads.replies.get(self.path, Reply(b"no such file", 404))
        with contextlib.suppress(ConnectionError):
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(reply.body) if reply.announced is None else reply.announced))
            if reply.location is not None:
                self.send_header("Location", reply.location)
            self.end_headers()
            self.wfile.write(reply.body)

    def handle(self) -> None:
        with contextlib.suppress(ssl.SSLError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Stay quiet: the tests look at what was asked, not at a log."""


def an_archive(members: Mapping[str, bytes], *, links: Mapping[str, str] | None = None) -> bytes:
    """Give a tar.gz of plain files and symbolic links."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, body in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return gzip.compress(content.getvalue(), mtime=0)
