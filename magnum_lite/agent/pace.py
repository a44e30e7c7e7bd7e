# SPDX-License-Identifier: Apache-2.0
"""How long the agent waits: interruptible pauses, with jitter so that a thousand nodes do not knock at once."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import NoReturn

JITTER = random.SystemRandom()


class Stopped(BaseException):
    """The agent was told to end; not an ``Exception``, so that nothing mistakes it for a failure."""


class Pace:
    """Pauses that end at once, by ``Stopped``, when the agent is told to end.

    Another thread ends the agent with ``stop.set()``; a signal handler with ``interrupt()``, because it runs in the
    waiting thread itself and may not touch the event's lock.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._is_interrupted = False

    def wait(self, seconds: float) -> None:
        if self._is_interrupted or self.stop.wait(max(0.0, seconds)):
            raise Stopped

    def interrupt(self) -> NoReturn:
        self._is_interrupted = True
        raise Stopped


@dataclass(frozen=True)
class Backoff:
    """Seconds between attempts: ``first``, growing by ``factor``, at most ``longest``."""

    first: float
    longest: float
    factor: float = 2.0

    def after(self, failures: int) -> float:
        """Give the pause after so many failures in a row (one or more), with jitter of up to a third."""
        grown = self.first * self.factor ** min(failures - 1, 30)
        return spread(min(self.longest, grown))


def spread(seconds: float) -> float:
    """Give the same time on average, up to a sixth more or less."""
    return seconds * JITTER.uniform(5 / 6, 7 / 6)
