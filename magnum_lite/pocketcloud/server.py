# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud on a loopback port."""

import errno
import socket
import threading

from cheroot import wsgi

from magnum_lite.pocketcloud.app import Application
from magnum_lite.pocketcloud.cloud import Cloud, Settings

ADDRESS = "127.0.0.1"
THREADS = 16
QUEUE = 512
LOOK_SECONDS = 0.1
"""How often the server looks whether it is to stop."""


class PortTaken(Exception):
    """The port belongs to another process."""


class PocketCloud:
    """A furnished cloud with its HTTP server; it answers as soon as it is made, and serves until stop()."""

    def __init__(self, settings: Settings, port: int) -> None:
        listener = _listen(port)
        listener.close()
        self.cloud = Cloud.furnished(settings)
        self._server = wsgi.Server(
            (ADDRESS, port), Application(self.cloud), numthreads=THREADS, request_queue_size=QUEUE
        )
        self._server.shutdown_timeout = 2
        self._server.expiration_interval = LOOK_SECONDS
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name="pocketcloud", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End delayed work, every agent and the server."""
        self.cloud.stop()
        self._server.stop()
        self._thread.join(timeout=5)


def free_port() -> int:
    """Find a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


def _listen(port: int) -> socket.socket:
    """Take the port for a moment, so that a taken one is told before anything else is made."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} on {ADDRESS} is taken by another process") from error
        raise
    return listener
