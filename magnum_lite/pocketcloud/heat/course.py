# SPDX-License-Identifier: Apache-2.0
"""One action of a stack, from its start to its end."""

import weakref
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat.refusals import Failure
from magnum_lite.pocketcloud.heat.walk import ABORTED, Node, Task, Walk

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.heat.stack import Stack

DEFAULT_TIMEOUT_MINS: Final = 60
BETWEEN_WALKS: Final = 0.1
TIMED_OUT: Final = Failure("Timeout", "Timed out")


class Course:
    """Walks a stack's resources, one walk after the other, until the action is complete or has failed.

    A stack has one course at a time. A new one takes over when the old one's last call has come back;
    from then on what the old one would still do does nothing.
    """

    def __init__(self, stack: "Stack", action: str) -> None:
        self.stack = stack
        self.action = action
        self._engine = stack.engine
        self._walk: Walk[str] | Walk[int] | None = None
        self._after: Callable[[], None] | None = None
        self._is_over = False

    def begin(self, work: Callable[["Course"], None]) -> None:
        """Take the stack over, then do the work, which runs walks and ends with complete or fail."""
        with self._engine.lock:
            old, self.stack.course = self.stack.course, self
            self.stack.failure = None
            self.stack.set_state(self.action, "IN_PROGRESS", f"Stack {self.action} started")
        self._set_timer()
        start = partial(self._engine.clock.later, 0, partial(self._do, work))
        if old is None:
            start()
        else:
            old.give_way(start)

    def run(
        self,
        requires: Mapping[Node, Collection[Node]],
        task: Callable[[Node], Task],
        then: Callable[[Failure | None], None],
    ) -> None:
        """Walk the graph, and go on with what came of it."""
        with self._engine.lock:
            if self.stack.course is not self:
                self._is_over = True
                return
            walk = Walk(self._engine.clock, self._engine.lock, requires, task, partial(self._walked, then))
            self._walk = walk  # type: ignore[assignment]
        walk.begin()

    def wake(self, node: str | int) -> None:
        """Have the job of a node look again at once."""
        walk = self._walk
        if walk is not None:
            walk.wake(node)  # type: ignore[arg-type]

    def stop(self, failure: Failure = ABORTED) -> None:
        """Fail as soon as the calls that are being made have come back."""
        walk = self._walk
        if walk is not None:
            walk.stop(failure)

    def give_way(self, then: Callable[[], None]) -> None:
        """Stop for good; call `then` when no call is being made any more."""
        with self._engine.lock:
            is_idle = self._is_over or self._walk is None
            self._after = None if is_idle else then
        if is_idle:
            then()
        else:
            self.stop()

    def complete(self) -> None:
        """Say that the action is done."""
        self._end("COMPLETE", f"Stack {self.action} completed successfully", None)

    def fail(self, failure: Failure) -> None:
        """Say that the action has failed."""
        reason = f"Resource {self.action} failed: {failure}"
        if failure is TIMED_OUT:
            reason = failure.message
        elif failure.kind == ABORTED.kind and not failure.path:
            reason = f"Stack {self.action} aborted"
        self._end("FAILED", reason, failure)

    def time_out(self) -> None:
        """Fail if the action is still going on; between two walks, look again a moment later."""
        if self.stack.course is not self or self._is_over:
            return
        if self._walk is None:
            self._engine.clock.later(BETWEEN_WALKS, self.time_out)
        else:
            self.stop(TIMED_OUT)

    def _do(self, work: Callable[["Course"], None]) -> None:
        if self.stack.course is not self:
            return
        try:
            work(self)
        except CloudFault as fault:
            self.fail(Failure(fault.kind or "Error", fault.message))

    def _walked(self, then: Callable[[Failure | None], None], failure: Failure | None) -> None:
        with self._engine.lock:
            self._walk = None
            after, self._after = self._after, None
        if after is None:
            then(failure)
        else:
            after()

    def _end(self, status: str, reason: str, failure: Failure | None) -> None:
        with self._engine.lock:
            if self.stack.course is not self or self._is_over:
                return
            self._is_over = True
            self.stack.failure = failure
            self.stack.set_state(self.action, status, reason)
        self._engine.ended(self)

    def _set_timer(self) -> None:
        # The clock must not keep a stack alive that was deleted long before its time is up.
        minutes = self.stack.timeout_mins or DEFAULT_TIMEOUT_MINS
        course = weakref.ref(self)
        self._engine.clock.later(minutes * 60, lambda: _time_out(course))


def _time_out(reference: "weakref.ref[Course]") -> None:
    course = reference()
    if course is not None:
        course.time_out()
