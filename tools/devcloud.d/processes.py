# SPDX-License-Identifier: Apache-2.0
"""Processes of a devcloud: started in sessions of their own, found again by their number and the time they began."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from cloud_service import Service, environment_of
from layout import HOST, Layout

READY_SECONDS = 120.0
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.1
CALL_SECONDS = 20.0
TAIL_BYTES = 3000
LISTENS = "0A"
"""The state of a socket that listens, as the kernel tells it."""


class Failed(Exception):
    """What an operator is told in a sentence instead of a traceback."""


def start(layout: Layout, service: Service) -> None:
    """Start a service unless it runs; it is not ready yet when this returns."""
    if find_pid(layout, service.name) is not None:
        return
    if service.port is not None and is_open(layout.ports[service.port]):
        port = layout.ports[service.port]
        raise Failed(
            f"port {port}, which {service.name} wants, is taken by {_holder_of(port)}: end it or take other ports"
        )
    log = layout.log(service.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            service.command,
            cwd=layout.folder,
            env=environment_of(layout, service),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _remember(layout, service.name, process.pid)


def await_ready(layout: Layout, service: Service) -> None:
    """Wait until a started service works; raise ``Failed`` with its last words when it ends or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(layout, service):
        if find_pid(layout, service.name) is None:
            log = layout.log(service.name)
            raise Failed(f"{service.name} ended; its log {log} ends with:\n{tail(layout, service)}")
        if time.monotonic() > deadline:
            raise Failed(f"{service.name} is not ready after {READY_SECONDS:.0f} s; see {layout.log(service.name)}")
        time.sleep(LOOK_SECONDS)


def is_ready(layout: Layout, service: Service) -> bool:
    """Say whether a service answers where it should; one that listens nowhere is ready when it runs."""
    if service.port is None:
        return find_pid(layout, service.name) is not None
    port = layout.ports[service.port]
    return is_open(port) if service.path is None else _answers(f"http://{HOST}:{port}{service.path}")


def stop(layout: Layout, names: list[str], first: signal.Signals = signal.SIGTERM) -> None:
    """End services with their children: all are asked together, and what is still there in the end is killed."""
    for signum in (first, signal.SIGKILL):
        for name in names:
            _signal(layout, name, signum)
        if _await_end(layout, names):
            break
    for name in names:
        _file_of(layout, name).unlink(missing_ok=True)


def find_pid(layout: Layout, name: str) -> int | None:
    """Give the number of a service's process, if it runs: a number that the system gave to another one is not it."""
    try:
        known = json.loads(_file_of(layout, name).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return known["pid"] if _began(known["pid"]) == known["began"] else None


def resident_mebibytes(pid: int) -> float:
    """Give what a session of processes holds in memory; pages that several share count once each."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[3]) == pid:
                total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return total / 2**20


def is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _holder_of(port: int) -> str:
    """Give the number and the command of the process that listens on a port, as far as we may see it."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[3] == LISTENS and int(row[1].partition(":")[2], 16) == port}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(link.readlink()) in sockets:
                process = link.parents[1]
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {process.name} ({command[:80]})"
    return "another program"


def tail(layout: Layout, service: Service) -> str:
    path = layout.log(service.name)
    return path.read_bytes()[-TAIL_BYTES:].decode(errors="replace") if path.exists() else ""


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=CALL_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        # It has loaded its application, which wants a token or does not know the path.
        return error.code < 500
    except OSError:
        return False


def _signal(layout: Layout, name: str, signum: signal.Signals) -> None:
    pid = find_pid(layout, name)
    if pid is None:
        return
    # A server is told once and ends its children; a kill must hit them all.
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if signum == signal.SIGKILL else os.kill)(pid, signum)


def _await_end(layout: Layout, names: list[str]) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while any(find_pid(layout, name) for name in names):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _remember(layout: Layout, name: str, pid: int) -> None:
    path = _file_of(layout, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": pid, "began": _began(pid)}))


def _file_of(layout: Layout, name: str) -> Path:
    return layout.folder / "run" / f"{name}.json"


def _began(pid: int) -> int | None:
    """Give the clock tick at which a process that still runs was started."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])
