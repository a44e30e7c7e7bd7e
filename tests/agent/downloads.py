# SPDX-License-Identifier: Apache-2.0
"""A small real server of downloads, which may lead elsewhere, end too early or be silent; and archives to serve."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import ssl
import tarfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from magnum_lite.nodeconf import Source


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
        server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
        server.daemon_threads = True
        if key_and_certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(key_and_certificate)
            if client_authority is not None:
                context.load_verify_locations(cadata=client_authority)
                context.verify_mode = ssl.CERT_REQUIRED
            # Each connection shakes hands in a thread of its own, so that a failed one ends no other.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = server.server_port
        self.url = f"{'http' if key_and_certificate is None else 'https'}://127.0.0.1:{self.port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


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
