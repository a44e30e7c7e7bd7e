# SPDX-License-Identifier: Apache-2.0
"""Run the real agent and kill it, as by kill -9, just before its n-th file change or call."""

import os
import signal
import sys
from typing import Any

from magnum_lite.agent.main import main

MOMENTS = frozenset({"os.rename", "os.remove", "socket.connect"})


class Countdown:
    """An audit hook: Python announces every one of these moments before it happens."""

    def __init__(self, moments: int) -> None:
        self.left = moments

    def __call__(self, event: str, what: tuple[Any, ...]) -> None:
        # The removal of a new file that was never there is no moment of its own.
        if event not in MOMENTS or (event == "os.remove" and str(what[0]).endswith(".new")):
            return
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.addaudithook(Countdown(int(sys.argv[1])))
    sys.exit(main(sys.argv[2:]))
