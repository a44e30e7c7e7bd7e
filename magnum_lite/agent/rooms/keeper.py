# SPDX-License-Identifier: Apache-2.0
"""The first process of a node's room: it starts, watches, restarts and ends what runs there.

A room is a mount and process namespace whose root is the node's folder; when its keeper ends, the kernel ends all that
runs there and nothing stays mounted. Orders come over a socket in the room, one JSON object each.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from magnum_lite.agent.rooms import kernel, view
from magnum_lite.agent.rooms.course import Course, Courses
from magnum_lite.agent.rooms.service import Service, Task

FOLDER = "run/room"
SOCKET = "socket"
LOGS = Path("/var/log/units")
ORDER_SECONDS = 5.0
ORDER_BYTES = 1 << 20
NOT_RUN = 127


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the room below a folder and print the process number of its keeper once it takes orders."""
    parser = argparse.ArgumentParser(prog="room-keeper")
    parser.add_argument("root", type=Path)
    parser.add_argument("--lend", type=Path, action="append", default=[], help="a folder of programs, the first wins")
    parser.add_argument("--ends-with", type=int, help="the process with which the room ends")
    options = parser.parse_args(arguments)
    owner = None if options.ends_with is None else os.pidfd_open(options.ends_with)
    heard, told = os.pipe()
    try:
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
    except PermissionError:
        sys.stderr.write("only root may run units as processes, because each node has mounts of its own\n")
        return 1
    pid = os.fork()
    if pid == 0:
        os.close(heard)
        _keep(options.root, _programs(options.lend), owner, told)
    os.close(told)
    with os.fdopen(heard) as answer:
        complaint = answer.read()
    (sys.stderr if complaint else sys.stdout).write(f"{complaint or pid}\n")
    return 1 if complaint else 0


def _keep(root: Path, programs: dict[str, Path], owner: int | None, told: int) -> NoReturn:
    """Be the keeper; never returns."""
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        view.enter_room(root, programs)
        keeper = Keeper(_listening(), owner)
        _speak_to_a_log()
        os.close(told)
        keeper.run()
    except Exception as error:  # noqa: BLE001 - nobody else could tell of it
        with contextlib.suppress(OSError):
            os.write(told, f"the room of {root} cannot be made: {error}".encode())
    finally:
        os._exit(1)


def _speak_to_a_log() -> None:
    """Let go of what the parent reads to its end."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = os.open(LOGS / "room.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    os.dup2(log, 1)
    os.dup2(log, 2)


def _programs(folders: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.is_file() and os.access(path, os.X_OK):
                found.setdefault(path.name, path.resolve())
    return found


def _listening() -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    place = Path("/", FOLDER, SOCKET)
    place.unlink(missing_ok=True)
    os.umask(0o077)
    listening.bind(str(place))
    os.umask(0o022)
    listening.listen(16)
    return listening


class Keeper:
    """Takes orders and minds what they started; ends with ``owner``, a pidfd."""

    def __init__(self, listening: socket.socket, owner: int | None) -> None:
        self._listening = listening
        self._owner = owner
        self._courses = Courses(_begin)
        self._selector = selectors.DefaultSelector()
        self._selector.register(listening, selectors.EVENT_READ)
        if owner is not None:
            self._selector.register(owner, selectors.EVENT_READ)
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._woken = wake_read
        self._selector.register(wake_read, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    def run(self) -> None:
        """Work until the owner has ended."""
        while True:
            ready = [key.fd for key, _ in self._selector.select(self._courses.patience())]
            if self._woken in ready:
                os.read(self._woken, 4096)
            self._reap()
            self._courses.do_what_is_due()
            if self._owner is not None and self._owner in ready:
                return
            if self._listening.fileno() in ready:
                self._take_order()

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._courses.note_end(found[0], os.waitstatus_to_exitcode(found[1]))

    def _take_order(self) -> None:
        connection, _ = self._listening.accept()
        with connection, contextlib.suppress(OSError, ValueError, KeyError):
            connection.settimeout(ORDER_SECONDS)
            with connection.makefile("rb") as lines:
                order = json.loads(lines.readline(ORDER_BYTES))
            connection.sendall(json.dumps(self._obey(order)).encode() + b"\n")

    def _obey(self, order: dict[str, Any]) -> dict[str, Any]:
        match order["do"]:
            case "start":
                self._courses.start(Service.from_json(order["service"]))
            case "stop":
                self._courses.stop(order["name"])
            case "signal":
                self._courses.send(order["name"], order["number"])
        return {name: _told(course) for name, course in self._courses.all.items()}


def _told(course: Course) -> dict[str, Any]:
    names = ("state", "pid", "code", "starts", "is_begun")
    return {name: getattr(course, name) for name in names}


def _begin(name: str, task: Task) -> int:
    """Fork a process that becomes the task's program and give its number."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = os.open(LOGS / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    pid = os.fork()
    if pid == 0:
        _become(task, log)
    os.close(log)
    return pid


def _become(task: Task, log: int) -> NoReturn:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        view.execute(task)
    except Exception as error:  # noqa: BLE001 - the log is all that can be told
        os.write(log, f"{task.program} cannot be run: {error!r}\n".encode())
    finally:
        os._exit(NOT_RUN)


if __name__ == "__main__":
    sys.exit(main())
