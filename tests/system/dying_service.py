# SPDX-License-Identifier: Apache-2.0
"""Run API and conductor in one process that kills itself at a step's boundary, as often as it is told to.

What it is told stands in a file: verb, step and moment. Each death uses the file up; a parent process, which has
loaded everything already, starts the service again at once, as an operator's supervisor does.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from oslo_log import log

from magnum_lite import conf as configuration
from magnum_lite.cmd import all_in_one
from magnum_lite.conductor.look import Look
from magnum_lite.conductor.reconcile import PLANS, Step
from magnum_lite.drivers.base import NotYet
from magnum_lite.drivers.registry import Registry

BEFORE, WAITING, AFTER = "before", "waiting", "after"
DIED = "the service ended with"


class Death:
    """What a file says: when to die next. There is none while the file is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def meet(self, *moment: str) -> None:
        """Die as by ``kill -9`` if this is the moment."""
        if self._path.exists() and self._path.read_text().split() == list(moment):
            self._path.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def mortal(step: Step, verb: str, death: Death) -> Step:
    """Give a step that can die before it begins, when it has to wait, and before what it learnt is written down."""

    @functools.wraps(step)
    def wrapped(look: Look) -> None:
        death.meet(verb, step.__name__, BEFORE)
        try:
            step(look)
        except NotYet:
            death.meet(verb, step.__name__, WAITING)
            raise
        death.meet(verb, step.__name__, AFTER)

    return wrapped


class Supervisor:
    """Runs a service in a child process, again and again while it is killed, until told to stop."""

    def __init__(self, serve: Callable[[threading.Event], None]) -> None:
        self._serve = serve
        self._stopping = threading.Event()
        self._child = 0

    def stop(self, number: int, _frame: object) -> None:
        """Have the service stop: in the parent by telling the child, in the child by the event it waits for."""
        self._stopping.set()
        if self._child:
            os.kill(self._child, number)

    def work(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        status = signal.SIGKILL.value
        while os.WIFSIGNALED(status) and not self._stopping.is_set():
            child = os.fork()
            if child == 0:
                self._serve(self._stopping)
                os._exit(0)
            self._child = child
            if self._stopping.is_set():
                os.kill(child, signal.SIGTERM)
            _, status = os.waitpid(child, 0)
            self._child = 0
            sys.stdout.write(f"{DIED} {status}\n")
            sys.stdout.flush()


def main() -> None:
    death = Death(Path(sys.argv[1]))
    for verb, plan in PLANS.items():
        PLANS[verb] = tuple(mortal(step, verb.value, death) for step in plan)
    conf = configuration.new(sys.argv[2:])
    # Drivers are found and loaded here once, and not again by every child.
    Registry.from_conf(conf)

    def serve(stopping: threading.Event) -> None:
        log.setup(conf, "magnum_lite")
        all_in_one.serve(conf, stopping)

    Supervisor(serve).work()


if __name__ == "__main__":
    main()
