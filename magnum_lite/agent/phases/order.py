# SPDX-License-Identifier: Apache-2.0
"""The phases in their order, how often each is tried, and the walk through them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from magnum_lite.agent import wish
from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import AgentError, NodeRemoved
from magnum_lite.agent.pace import Backoff
from magnum_lite.agent.phases import (
    addons,
    authorities,
    binaries,
    certificates,
    files,
    images,
    keys,
    membership,
    node,
    ready,
    roles,
    signal,
    units,
)
from magnum_lite.agent.report import PhaseRecord

LOG = logging.getLogger(__name__)
BRISK = Backoff(first=0.5, longest=5.0)
PATIENT = Backoff(first=0.5, longest=30.0)


@dataclass(frozen=True)
class Phase:
    """``run`` is tried up to ``attempts`` times, with pauses of ``backoff``, unless its error is final."""

    name: str
    run: Callable[[Course], None]
    attempts: int = 3
    backoff: Backoff = BRISK


class PhaseFailed(Exception):
    """A phase failed for good: ``records`` tells of it and of all phases before it."""

    def __init__(self, sentence: str, records: tuple[PhaseRecord, ...]) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.records = records


def _check_document(course: Course) -> None:
    wish.check(course.document, course.boot, course.disk)


def _tell_success(course: Course) -> None:
    name = course.document.name
    signal.tell(signal.SUCCESS, f"node {name} is ready", boot=course.boot, disk=course.disk, state=course.state)


PHASES = (
    Phase("document", _check_document, attempts=1),
    Phase("authorities", authorities.run),
    Phase("keys", keys.run),
    Phase("certificates", certificates.run, attempts=20, backoff=PATIENT),
    Phase("files", files.run),
    Phase("binaries", binaries.run, attempts=8, backoff=PATIENT),
    Phase("images", images.run, attempts=8, backoff=PATIENT),
    Phase("membership", membership.run, attempts=8, backoff=PATIENT),
    Phase("units", units.run),
    Phase("ready", ready.run),
    Phase("addons", addons.run, attempts=8, backoff=PATIENT),
    Phase("node", node.run),
    Phase("roles", roles.run),
)
SIGNAL = Phase("signal", _tell_success, attempts=2)


def walk(
    course: Course, phases: tuple[Phase, ...], begin: Callable[[str, tuple[PhaseRecord, ...]], None]
) -> tuple[PhaseRecord, ...]:
    """Run the phases one after the other and give their records; raise ``PhaseFailed`` at the first that fails.

    ``begin`` hears the name of each phase that begins, with the records of those before it.
    """
    records: tuple[PhaseRecord, ...] = ()
    for phase in phases:
        begin(phase.name, records)
        try:
            records = (*records, carry_out(phase, course))
        except PhaseFailed as failure:
            raise PhaseFailed(failure.sentence, (*records, *failure.records)) from failure.__cause__
    return records


def carry_out(phase: Phase, course: Course) -> PhaseRecord:
    """Run one phase, as often as it may be tried; raise ``PhaseFailed`` when that was not enough."""
    begun, attempt = time.monotonic(), 0
    while True:
        attempt += 1
        try:
            phase.run(course)
            return _record(phase, "complete", begun, attempt)
        except NodeRemoved:
            raise
        except (AgentError, OSError) as error:
            is_final = isinstance(error, AgentError) and error.is_final
            if is_final or attempt == phase.attempts:
                record = _record(phase, "failed", begun, attempt)
                raise PhaseFailed(_sentence(phase, attempt, error), (record,)) from error
            LOG.warning("phase %s, attempt %d of %d: %s", phase.name, attempt, phase.attempts, error)
        course.wait(phase.backoff.after(attempt))


def _record(phase: Phase, state: str, begun: float, attempts: int) -> PhaseRecord:
    return PhaseRecord(phase.name, state, round(time.monotonic() - begun, 3), attempts)


def _sentence(phase: Phase, attempts: int, error: Exception) -> str:
    tries = f" after {attempts} attempts" if attempts > 1 else ""
    return f"phase {phase.name} failed{tries}: {error}"
