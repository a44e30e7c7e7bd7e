# SPDX-License-Identifier: Apache-2.0
"""A node's room seen from outside: it is made, given orders and ended, by whichever agent looks after the node."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import magnum_lite
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.rooms.keeper import FOLDER, SOCKET
from magnum_lite.agent.rooms.service import Service

STATE_FILE = "/var/lib/process-host/room.json"
MAKE_SECONDS = 30.0
ORDER_SECONDS = 10.0
END_SECONDS = 10.0


@dataclass(frozen=True)
class Reading:
    """One service as the room's keeper knows it; ``code`` is how its last process ended, a signal as a negative.

    ``pid`` is counted within the room; ``is_begun`` says that its last task was begun at least once.
    """

    state: str
    pid: int | None
    code: int | None
    starts: int
    is_begun: bool


class Room:
    """The room below a disk's root; ``lent`` are folders of programs, ``owner`` the process with which it ends."""

    def __init__(self, disk: Disk, lent: Sequence[Path] = (), owner: int | None = None) -> None:
        self._disk = disk
        self._lent = lent
        self._owner = owner

    def keeper(self) -> int | None:
        """Give the process number of the keeper, ``None`` when there is no room now."""
        known = json.loads(self._disk.find(STATE_FILE) or b"{}")
        return known["pid"] if known and _began(known["pid"]) == known["began"] else None

    def ensure(self) -> None:
        """Make the room unless it is there; raise ``HostFailed`` with the reason when it cannot be."""
        if self.keeper() is not None:
            return
        lent = [word for folder in self._lent for word in ("--lend", str(folder))]
        owner = [] if self._owner is None else ["--ends-with", str(self._owner)]
        command = [sys.executable, "-m", "magnum_lite.agent.rooms.keeper", str(self._disk.root), *lent, *owner]
        path = {"PYTHONPATH": str(Path(magnum_lite.__file__).parents[1])}
        done = subprocess.run(
            command, env={**os.environ, **path}, capture_output=True, text=True, timeout=MAKE_SECONDS, check=False
        )
        if done.returncode != 0:
            raise HostFailed(done.stderr.strip().splitlines()[-1], is_final=True)
        pid = int(done.stdout)
        self._disk.write(STATE_FILE, json.dumps({"pid": pid, "began": _began(pid)}), 0o600)

    def start(self, service: Service) -> None:
        self.ensure()
        self._order(do="start", service=service.to_json())

    def stop(self, name: str) -> None:
        """Begin to stop a service: SIGTERM now, SIGKILL after its time."""
        self._order(do="stop", name=name)

    def send(self, name: str, number: int) -> None:
        """Send a signal to what runs of a service."""
        self._order(do="signal", name=name, number=number)

    def read(self) -> dict[str, Reading]:
        """Give every service that was ever started, nothing when there is no room."""
        if self.keeper() is None:
            return {}
        return {name: Reading(**one) for name, one in self._order(do="read").items()}

    def end(self) -> None:
        """End the room and all that runs there at once, as when a machine loses its power."""
        pid = self.keeper()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            _kill(pid)
        self._disk.remove(STATE_FILE)

    def _order(self, **order: object) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(ORDER_SECONDS)
                self._connect(connection)
                connection.sendall(json.dumps(order).encode() + b"\n")
                with connection.makefile("rb") as lines:
                    answer: dict[str, Any] = json.loads(lines.readline())
                    return answer
        except (OSError, ValueError) as error:
            raise HostFailed(f"the room of this node takes no orders: {error}") from error

    def _connect(self, connection: socket.socket) -> None:
        # The name of a socket may have 107 characters at most, and roots can be long.
        folder = os.open(self._disk.root / FOLDER, os.O_PATH | os.O_DIRECTORY)
        try:
            connection.connect(f"/proc/self/fd/{folder}/{SOCKET}")
        finally:
            os.close(folder)


def _kill(pid: int) -> None:
    """Kill the keeper, with which the kernel ends all that is in the room, and wait until it has."""
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], END_SECONDS)
    finally:
        os.close(process)


def _began(pid: int) -> str | None:
    """Give when a process began, in ticks since boot, which tells it from a later one with its number."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]
