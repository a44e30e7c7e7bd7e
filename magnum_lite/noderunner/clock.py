# SPDX-License-Identifier: Apache-2.0
"""What is to happen later: one heap of due calls and a few threads that make them."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

LOG = logging.getLogger(__name__)


class Clock:
    """Calls functions when they are due, on a bounded number of threads.

    A function runs without any lock of its caller; what it raises is logged and goes no further.
    """

    def __init__(self, threads: int = 4) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._threads = [threading.Thread(target=self._run, name=f"clock-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call the function after so many seconds; after stop() nothing is called any more."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + max(seconds, 0.0), next(self._order), call))
            self._changed.notify()

    def stop(self) -> None:
        """Forget what is due and end the threads."""
        with self._changed:
            self._stopped = True
            self._due.clear()
            self._changed.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=5)

    def _run(self) -> None:
        while (call := self._next()) is not None:
            try:
                call()
            except Exception:
                LOG.exception("clock: a delayed call failed")

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next due call; None when the clock is stopped."""
        with self._changed:
            while not self._stopped:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
            return None
