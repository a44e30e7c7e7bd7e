# SPDX-License-Identifier: Apache-2.0
"""A walk over a graph of work: what does not wait for one another goes on at the same time."""

import logging
import threading
from collections.abc import Callable, Collection, Hashable, Mapping
from functools import partial
from typing import Final, Generic, Protocol, TypeVar

from magnum_lite.noderunner.clock import Clock
from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import graph
from magnum_lite.pocketcloud.heat.refusals import Failure, ResourceFailed

LOG = logging.getLogger(__name__)
ABORTED: Final = Failure("Aborted", "Stack action stopped")
FAULT_KINDS: Final = {400: "BadRequest", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 413: "OverLimit"}
BROKEN: Final = 500
# Seconds between looks at what goes on by itself.
FIRST_LOOK: Final = 0.05
LAST_LOOK: Final = 1.0
Node = TypeVar("Node", bound=Hashable)


class Task(Protocol):
    """One piece of work, done by calls that return soon."""

    def start(self) -> None:
        """Set it going; raises CloudFault or ResourceFailed."""

    def is_done(self) -> bool:
        """Look whether it is done; raises CloudFault or ResourceFailed."""

    def wait(self, looks: int) -> float | None:
        """Give the seconds until the next look, after so many; None means only when woken."""

    def stop(self) -> None:
        """Tell whatever goes on below that it is no longer wanted."""

    def end(self, failure: Failure | None) -> Failure | None:
        """Write down how it came out; gives the failure as the whole walk sees it."""


def patience(looks: int) -> float:
    """Give the seconds to the next look: more and more, up to a bound."""
    return float(min(FIRST_LOOK * 1.5 ** min(looks, 20), LAST_LOOK))


class Job:
    """Makes the calls of one task, one at a time, on the clock's threads."""

    def __init__(
        self, clock: Clock, lock: threading.RLock, task: Task, ended: Callable[[Failure | None], None]
    ) -> None:
        self._clock = clock
        self._lock = lock
        self._task = task
        self._ended = ended
        self._turn = 0
        self._looks = 0
        self._is_inside = self._is_started = self._is_woken = self._is_cancelled = self._is_over = False

    def run(self, turn: int = 0) -> None:
        """Make the next call; an old turn, overtaken by a wake, does nothing."""
        with self._lock:
            if self._is_over or self._is_cancelled or self._is_inside or turn != self._turn:
                return
            self._is_inside, self._is_woken = True, False
        is_done, failure = self._attempt()
        with self._lock:
            self._is_inside = False
            if not is_done and not self._is_cancelled:
                self._again()
                return
        self._finish(failure if is_done else ABORTED)

    def wake(self) -> None:
        """Look again at once, because something has happened."""
        with self._lock:
            self._is_woken = True
            if not self._is_inside and self._is_started:
                self._again()

    def cancel(self) -> None:
        """Stop looking; a call that is being made is let come back first."""
        with self._lock:
            self._is_cancelled = True
            is_idle = not self._is_inside
        self._task.stop()
        if is_idle:
            self._finish(ABORTED)

    def _again(self) -> None:
        self._turn += 1
        delay = 0.0 if self._is_woken else self._task.wait(self._looks)
        self._looks += 1
        if delay is not None:
            self._clock.later(delay, partial(self.run, self._turn))

    def _attempt(self) -> tuple[bool, Failure | None]:
        try:
            if not self._is_started:
                self._is_started = True
                self._task.start()
            return self._look(), None
        except ResourceFailed as error:
            return True, error.failure
        except CloudFault as error:
            return True, Failure(error.kind or FAULT_KINDS.get(error.status, "Error"), error.message)
        except Exception as error:
            LOG.exception("a resource's action broke")
            return True, Failure(type(error).__name__, str(error))

    def _look(self) -> bool:
        """Look whether the task is done; a cloud that breaks while it is asked is asked again later."""
        try:
            return self._task.is_done()
        except CloudFault as error:
            if error.status < BROKEN:
                raise
            return False

    def _finish(self, failure: Failure | None) -> None:
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
        self._ended(self._task.end(failure))


class Walk(Generic[Node]):
    """Runs a job for each node of a graph, each after those it requires.

    The first failure stops the walk; it is finished when no call is being made any more.
    """

    def __init__(
        self,
        clock: Clock,
        lock: threading.RLock,
        requires: Mapping[Node, Collection[Node]],
        task: Callable[[Node], Task],
        finished: Callable[[Failure | None], None],
    ) -> None:
        self._clock = clock
        self._lock = lock
        self._waiting = {node: set(needed) for node, needed in requires.items()}
        self._dependents = graph.reverse(requires)
        self._task = task
        self._finished = finished
        self._running: dict[Node, Job | None] = {}
        self._failure: Failure | None = None
        self._is_over = False

    def begin(self) -> None:
        """Start what waits for nothing."""
        with self._lock:
            self._launch([node for node, needed in self._waiting.items() if not needed])
            is_empty = not self._running
        if is_empty:
            self._clock.later(0, self._finish)

    def stop(self, failure: Failure = ABORTED) -> None:
        """Start nothing more and stop looking at what goes on."""
        with self._lock:
            if self._failure is not None:
                return
            self._failure = failure
            self._waiting.clear()
            jobs = [job for job in self._running.values() if job is not None]
            is_idle = not self._running
        for job in jobs:
            job.cancel()
        if is_idle:
            self._clock.later(0, self._finish)

    def wake(self, node: Node) -> None:
        """Have a node's job look again at once."""
        with self._lock:
            job = self._running.get(node)
        if job is not None:
            job.wake()

    def _launch(self, ready: list[Node]) -> None:
        for node in ready:
            del self._waiting[node]
            self._running[node] = None
            self._clock.later(0, partial(self._start, node))

    def _start(self, node: Node) -> None:
        with self._lock:
            job = None
            if self._failure is None:
                job = Job(self._clock, self._lock, self._task(node), partial(self._ended, node))
                self._running[node] = job
        if job is None:
            self._ended(node, ABORTED)
        else:
            job.run()

    def _ended(self, node: Node, failure: Failure | None) -> None:
        if failure is not None:
            self.stop(failure)
        with self._lock:
            self._running.pop(node, None)
            self._launch(self._freed_by(node))
            is_done = not self._running
        if is_done:
            self._finish()

    def _freed_by(self, node: Node) -> list[Node]:
        """Give the nodes that waited for this one last; none once the walk is stopped."""
        waiting = [dependent for dependent in self._dependents[node] if dependent in self._waiting]
        for dependent in waiting:
            self._waiting[dependent].discard(node)
        return [dependent for dependent in waiting if not self._waiting[dependent]]

    def _finish(self) -> None:
        with self._lock:
            if self._is_over or self._running:
                return
            self._is_over = True
        self._finished(self._failure)
