# SPDX-License-Identifier: Apache-2.0
"""A small server on loopback, with TLS where it has a certificate, for as long as a test needs it."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextlib.contextmanager
def served(
    handler: type[BaseHTTPRequestHandler],
    *,
    key_and_certificate: Path | None = None,
    client_authority: str | None = None,
) -> Iterator[int]:
    """Give the port of the server; ``client_authority`` (PEM) has signed the certificate that every client shows."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if key_and_certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(key_and_certificate)
        if client_authority is not None:
            context.load_verify_locations(cadata=client_authority)
            context.verify_mode = ssl.CERT_REQUIRED
        # Each connection shakes hands in a thread of its own, so that a failed one ends no other.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
