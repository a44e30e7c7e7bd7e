# SPDX-License-Identifier: Apache-2.0
"""The process that makes the agents' processes: it has the agent loaded already, and forks once for each server.

It takes one JSON object a line on stdin ({"start": id, "root": path} and {"end": pid, "now": bool}) and writes one a
line to stdout ({"started": id, "pid": n}, {"ended": pid, "code": n}). When its stdin closes, because whoever
started it stops or was killed, it ends every agent and then itself.
"""

import argparse
import contextlib
import ctypes
import gc
import json
import os
import pathlib
import selectors
import signal
import sys
import time
from typing import Any

from magnum_lite.agent import main as agent
from magnum_lite.agent.process import Means

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 3.0


class NodeHost:
    """Forks agents, ends them and tells how they ended."""

    def __init__(self, kind: str, means: Means) -> None:
        self._kind = kind
        self._means = means
        self._agents: dict[int, str] = {}
        self._doomed: dict[int, float] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._pid = os.getpid()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._rest = b""

    def serve(self) -> None:
        """Do as told until stdin closes."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        gc.freeze()
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            selector.register(self._wake_read, selectors.EVENT_READ)
            while self._step(selector):
                pass
        self._end_all()

    def _step(self, selector: selectors.BaseSelector) -> bool:
        """Wait for something to do and do it; False when stdin has closed."""
        ready = [key.fd for key, _ in selector.select(self._patience())]
        if self._wake_read in ready:
            os.read(self._wake_read, 4096)
        self._collect()
        self._kill_the_late()
        if 0 not in ready:
            return True
        data = os.read(0, 65536)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))
        return bool(data)

    def _obey(self, order: dict[str, Any]) -> None:
        if "start" in order:
            self._start(order["start"], pathlib.Path(order["root"]))
        elif order["end"] in self._agents:
            self._signal(order["end"], signal.SIGKILL if order["now"] else signal.SIGTERM)
            self._doomed[order["end"]] = time.monotonic() + GRACE_SECONDS

    def _start(self, ident: str, root: pathlib.Path) -> None:
        pid = os.fork()
        if pid == 0:
            self._be_agent(root)
        self._agents[pid] = ident
        _tell({"started": ident, "pid": pid})

    def _be_agent(self, root: pathlib.Path) -> None:
        """Become the agent; never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() == self._pid:
                _redirect(root)
                agent.run(root, self._kind, self._means)
                code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            os._exit(code)

    def _collect(self) -> None:
        """Tell about every agent that has ended."""
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = found
                self._agents.pop(pid, None)
                self._doomed.pop(pid, None)
                _tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})

    def _kill_the_late(self) -> None:
        for pid, deadline in list(self._doomed.items()):
            if time.monotonic() > deadline:
                self._signal(pid, signal.SIGKILL)
                del self._doomed[pid]

    def _patience(self) -> float | None:
        return max(0.0, min(self._doomed.values()) - time.monotonic()) if self._doomed else None

    def _end_all(self) -> None:
        for pid in self._agents:
            self._signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while self._agents and time.monotonic() < deadline:
            self._await_child(deadline - time.monotonic())
        for pid in self._agents:
            self._signal(pid, signal.SIGKILL)

    def _await_child(self, seconds: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_read, selectors.EVENT_READ)
            if selector.select(max(seconds, 0.0)):
                os.read(self._wake_read, 4096)
        self._collect()

    def _signal(self, pid: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _redirect(root: pathlib.Path) -> None:
    """Let the agent have its own log, and nothing of its parent's."""
    nowhere = os.open(os.devnull, os.O_RDONLY)
    log = os.open(root / "agent.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(nowhere, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


def _tell(news: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps(news).encode() + b"\n")


def main() -> None:
    """Run agents of servers that only pretend to run their units, or with programs, of such as run them."""
    parser = argparse.ArgumentParser("node-host")
    parser.add_argument("--programs", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--downloads", type=pathlib.Path)
    options = parser.parse_args()
    means = Means(tuple(options.programs), options.downloads, owner=os.getpid())
    NodeHost("process" if options.programs else "simulated", means).serve()


if __name__ == "__main__":
    main()
    sys.exit(0)
