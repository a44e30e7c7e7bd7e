# SPDX-License-Identifier: Apache-2.0
"""Clients that send prepared requests over plain sockets that stay open, as fast as they are answered.

They read no more of an answer than its status and its length, so that the service is what is measured.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from house import BenchFailed

ANSWER_SECONDS = 60
CHUNK = 1 << 20
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
SHOWN = 500


@dataclass(frozen=True)
class Answer:
    """What came back, after so many seconds."""

    status: int
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Timing:
    """How many seconds each of some requests took, sorted; all of them together; how long clients used a processor."""

    latencies: list[float]
    seconds: float
    processor_seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds


class Client:
    """One connection to a service."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((str(parts.hostname), parts.port), timeout=ANSWER_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes, status: int) -> Answer:
        """Send a request and read its answer to the end; raise ``BenchFailed`` when it has another status."""
        began = time.perf_counter()
        self._socket.sendall(request)
        head, body = self._read()
        seconds = time.perf_counter() - began
        if head.split(b" ", 2)[1] != str(status).encode():
            said = (head + END_OF_HEAD + body[:SHOWN]).decode(errors="replace")
            raise BenchFailed(
                f"{request.splitlines()[0].decode()} was answered with something else than {status}:\n{said}"
            )
        return Answer(status, body, seconds)

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> tuple[bytes, bytes]:
        head, end, body = b"", b"", b""
        while not end:
            head, end, body = (head + end + body + self._receive()).partition(END_OF_HEAD)
        found = LENGTH.search(head)
        if found is None:
            raise BenchFailed(f"an answer does not say how long it is: {head.decode(errors='replace')}")
        parts, missing = [body], int(found[1]) - len(body)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        return head, b"".join(parts)

    def _receive(self) -> bytes:
        received = self._socket.recv(CHUNK)
        if not received:
            raise BenchFailed("the service closed a connection in the middle of an answer")
        return received


def drive(clients: Sequence[Client], requests: Iterator[bytes], *, status: int, seconds: float) -> Timing:
    """Let the clients, a thread each, send requests until there are no more, or none begins after so many seconds.

    Raises ``BenchFailed`` for the first answer of another status.
    """
    shared = _Shared(requests, time.monotonic() + seconds)

    def work(client: Client) -> list[float]:
        latencies = []
        while (request := shared.next()) is not None:
            try:
                latencies.append(client.send(request, status).seconds)
            except BenchFailed:
                shared.stop()
                raise
        return latencies

    began, busy = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(len(clients)) as pool:
        latencies = [one for some in pool.map(work, clients) for one in some]
    return Timing(sorted(latencies), time.perf_counter() - began, time.process_time() - busy)


class _Shared:
    """The requests that all clients of one figure have before them."""

    def __init__(self, requests: Iterator[bytes], deadline: float) -> None:
        self._requests = requests
        self._deadline = deadline
        self._lock = threading.Lock()

    def next(self) -> bytes | None:
        with self._lock:
            return next(self._requests, None) if time.monotonic() < self._deadline else None

    def stop(self) -> None:
        self._deadline = 0.0
