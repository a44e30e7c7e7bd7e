# SPDX-License-Identifier: Apache-2.0
"""The agent's loop: look at the document, take the node there, say so, look again."""

from __future__ import annotations

import logging
import time

from magnum_lite.agent import state
from magnum_lite.agent.api import API, Edition
from magnum_lite.agent.boot import Boot
from magnum_lite.agent.course import READY_SECONDS, Course
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import AgentError, BadDocument, CallFailed, NodeRemoved, NotReady
from magnum_lite.agent.host import Host
from magnum_lite.agent.pace import Backoff, Pace, spread
from magnum_lite.agent.phases import signal
from magnum_lite.agent.phases.order import PHASES, SIGNAL, PhaseFailed, carry_out, walk
from magnum_lite.agent.report import PhaseRecord, Report, Reporter

LOG = logging.getLogger(__name__)
POLLS_PER_CARE = 5
PAUSES = {
    NotReady: Backoff(first=0.2, longest=5.0, factor=1.5),
    NodeRemoved: Backoff(first=60.0, longest=60.0),
    CallFailed: Backoff(first=0.5, longest=30.0),
}
AFTER_FAILURE = Backoff(first=60.0, longest=600.0)


class Superseded(Exception):
    """A newer document arrived while the node was on its way to the last one."""


class Agent:
    """One node's agent; ``is_ready`` is ``None`` until the node's document has been followed to an end."""

    def __init__(self, boot: Boot, disk: Disk, host: Host, pace: Pace, *, ready_seconds: float = READY_SECONDS) -> None:
        self.is_ready: bool | None = None
        self._boot = boot
        self._disk = disk
        self._host = host
        self._pace = pace
        self._ready_seconds = ready_seconds
        self._api = API(boot.cluster, boot.node)
        self._reporter = Reporter(self._api)
        self._state = state.read(disk)
        self._edition: Edition | None = None
        self._looked_at = 0.0
        self._work_at = 0.0
        self._failures = 0
        self._missed: type[CallFailed] | None = None
        self._misses = 0

    def run(self, *, once: bool = False) -> None:
        """Look after the node until the agent is stopped, or with ``once`` until it is ready or failed."""
        if self._state.seen_generation == 0:
            self._reporter.send(Report(0, "booting"))
        while True:
            pause = self.turn()
            if once and self.is_ready is not None:
                return
            self._pace.wait(pause)

    def turn(self) -> float:
        """Look once, do what is due and give the seconds to wait before the next turn."""
        try:
            self._reporter.flush()
            self._look()
            if self._edition is not None and time.monotonic() >= self._work_at:
                self._follow(self._edition)
        except Superseded:
            return 0.0
        except (BadDocument, OSError) as error:
            self._fail(PhaseFailed(f"phase document failed: {error}", (PhaseRecord("document", "failed", 0.0, 1),)))
        except CallFailed as error:
            return self._miss(error)
        return self._pause()

    def _look(self) -> None:
        """Fetch the document if it is another one than we have; raise ``CallFailed`` or ``BadDocument``."""
        self._looked_at = time.monotonic()
        edition = self._api.document(None if self._edition is None else self._edition.etag)
        self._missed, self._misses = None, 0
        if edition is None:
            return
        LOG.info("document %s, generation %s", edition.etag, edition.document.generation)
        self._edition, self._work_at, self._failures = edition, 0.0, 0

    def _follow(self, edition: Edition) -> None:
        generation = edition.document.generation
        is_news = generation != self._state.ready_generation and self._failures == 0
        self._state.seen_generation = generation
        self._state.save(self._disk)

        def begin(phase: str, records: tuple[PhaseRecord, ...]) -> None:
            report = Report(generation, "configuring", f"phase {phase}", records)
            if is_news and records:
                self._reporter.progress(report)
            elif is_news:
                self._reporter.send(report)

        course = self._course(edition)
        try:
            records = walk(course, PHASES, begin)
        except PhaseFailed as failure:
            self._fail(failure)
        else:
            self._succeed(course, records)

    def _course(self, edition: Edition) -> Course:
        return Course(
            self._boot,
            edition.document,
            self._api,
            self._disk,
            self._host,
            self._state,
            self._wait,
            self._ready_seconds,
        )

    def _wait(self, seconds: float) -> None:
        """Pause within the phases, and leave them when there is a newer document."""
        self._pace.wait(seconds)
        if time.monotonic() - self._looked_at < self._boot.cluster.poll_seconds:
            return
        before = self._edition
        try:
            self._look()
        except NodeRemoved:
            raise
        except AgentError as error:
            LOG.info("no look at the document now: %s", error)
        if self._edition is not before:
            raise Superseded

    def _succeed(self, course: Course, records: tuple[PhaseRecord, ...]) -> None:
        document, message, care = course.document, "", POLLS_PER_CARE
        if self._boot.handle is not None:
            # Heat hears it before our API does: the report makes the conductor look at the stack.
            try:
                records = (*records, carry_out(SIGNAL, course))
            except PhaseFailed as failure:
                records, message, care = (*records, *failure.records), failure.sentence, 1
                LOG.warning("%s", failure.sentence)
        if self._state.ready_generation != document.generation or self.is_ready is not True:
            LOG.info("node %s is ready with generation %s", document.name, document.generation)
        self._state.ready_generation, self._failures, self.is_ready = document.generation, 0, True
        self._state.save(self._disk)
        self._work_at = time.monotonic() + care * self._boot.cluster.poll_seconds
        self._reporter.send(Report(document.generation, "ready", message, records, document.versions))

    def _fail(self, failure: PhaseFailed) -> None:
        LOG.error("node %s: %s", self._boot.node.name, failure.sentence)
        self._failures, self.is_ready = self._failures + 1, False
        self._work_at = time.monotonic() + AFTER_FAILURE.after(self._failures)
        try:
            signal.tell(signal.FAILURE, failure.sentence, boot=self._boot, disk=self._disk, state=self._state)
        except (CallFailed, OSError) as error:
            LOG.warning("Heat could not be told of the failure: %s", error)
        self._reporter.send(Report(self._state.seen_generation, "failed", failure.sentence, failure.records))

    def _miss(self, error: CallFailed) -> float:
        """Count what keeps us from the document and give the pause before we look again."""
        self._misses = self._misses + 1 if type(error) is self._missed else 1
        self._missed = type(error)
        LOG.log(logging.WARNING if self._misses == 1 else logging.DEBUG, "%s", error)
        return PAUSES[self._missed].after(self._misses)

    def _pause(self) -> float:
        pause = spread(self._boot.cluster.poll_seconds)
        if self._reporter.failures:
            pause = min(pause, PAUSES[CallFailed].after(self._reporter.failures))
        if self._edition is not None:
            pause = min(pause, max(0.0, self._work_at - time.monotonic()))
        return pause
