# SPDX-License-Identifier: Apache-2.0
"""Processes that tests start, wait for and end, each by its own number."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LOOK_SECONDS = 0.05
START_SECONDS = 60.0
STOP_SECONDS = 15.0
TAIL_CHARACTERS = 3000


def program(name: str) -> str:
    """Give the path of a command that was installed beside this Python."""
    path = Path(sys.executable).parent / name
    assert path.exists(), f"{name} is not installed: pip install -e . puts it into {path.parent}"
    return str(path)


def of_an_installer() -> dict[str, str]:
    """Give the environment of what installs: the tests' guard and the project's pins are for what is tested."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PIP_CONSTRAINT")}


def wait_until(
    claim: Callable[[], bool],
    what: str,
    *,
    seconds: float = START_SECONDS,
    despite: tuple[type[Exception], ...] = (),
) -> None:
    """Return when the claim has become true; fail with ``what`` was waited for when it does not.

    Errors of the kinds in ``despite`` mean that it is not true yet.
    """
    deadline = time.monotonic() + seconds
    last: Exception | None = None
    while True:
        try:
            if claim():
                return
            last = None
        except despite as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what} {last or ''}".rstrip())
        time.sleep(LOOK_SECONDS)


class Process:
    """A running command; what it prints goes to a file of its own."""

    def __init__(self, command: Sequence[str], printed: Path, *, environment: Mapping[str, str] | None = None) -> None:
        self.printed = printed
        with printed.open("ab") as output:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, env=environment
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def text(self) -> str:
        """Give what was printed so far."""
        return self.printed.read_text(errors="replace")

    def wait_for(self, ready: Callable[[], bool], *, seconds: float = START_SECONDS) -> None:
        """Wait until it is ready, and fail with its last words when it ends before."""

        def is_ready() -> bool:
            assert self._child.poll() is None, f"ended with {self._child.returncode}: {self.text()[-TAIL_CHARACTERS:]}"
            return ready()

        wait_until(is_ready, f"{self._child.args!r} ready, see {self.printed}", seconds=seconds)

    def terminate(self) -> int:
        """Ask it to end and give its exit status."""
        self._child.send_signal(signal.SIGTERM)
        return self._child.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self._child.kill()
        self._child.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End it if it still runs, gently and then for certain."""
        if self._child.poll() is None:
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill()
        if self._child.stdin is not None:
            self._child.stdin.close()
