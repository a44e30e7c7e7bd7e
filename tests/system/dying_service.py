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


def supervise(run: Callable[[], None], stopping: threading.Event) -> None:
    """Run it in a child process, again and again while it is killed."""
    status = signal.SIGKILL.value
    while os.WIFSIGNALED(status) and not stopping.is_set():
        child = os.fork()
        if child == 0:
            run()
            os._exit(0)
        signal.signal(signal.SIGTERM, functools.partial(_pass_on, child, stopping))
        _, status = os.waitpid(child, 0)
        print(f"died with {status}", flush=True)


def _pass_on(child: int, stopping: threading.Event, number: int, _frame: object) -> None:
    stopping.set()
    os.kill(child, number)


def main() -> None:
    death, stopping = Death(Path(sys.argv[1])), threading.Event()
    for verb, plan in PLANS.items():
        PLANS[verb] = tuple(mortal(step, verb.value, death) for step in plan)

    conf = configuration.new(sys.argv[2:])
    Registry.from_conf(conf)

    def run() -> None:
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        log.setup(conf, "magnum_lite")
        all_in_one.serve(conf, stopping)

    supervise(run, stopping)


if __name__ == "__main__":
    main()
