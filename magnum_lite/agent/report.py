# SPDX-License-Identifier: Apache-2.0
"""What the agent says about its node: to our API, as well as it can, without ever holding up the work."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from magnum_lite.agent.errors import CallFailed

LOG = logging.getLogger(__name__)
BETWEEN_PROGRESS_SECONDS = 2.0
AFTER_FAILURE_SECONDS = 30.0
LONGEST_MESSAGE = 1000


@dataclass(frozen=True)
class PhaseRecord:
    """How one phase went: ``state`` is ``complete`` or ``failed``."""

    name: str
    state: str
    seconds: float
    attempts: int


@dataclass(frozen=True)
class Report:
    """``state`` is ``booting``, ``configuring``, ``ready`` or ``failed``; ``message`` is one sentence or empty."""

    generation: int
    state: str
    message: str = ""
    phases: tuple[PhaseRecord, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_wire(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "message": self.message[:LONGEST_MESSAGE]}


class Listener(Protocol):
    def report(self, report: Report) -> None: ...


class Reporter:
    """Sends reports; the last one that did not arrive waits to be flushed, older ones are forgotten.

    ``failures`` counts the attempts in a row that came to nothing.
    """

    def __init__(self, api: Listener) -> None:
        self._api = api
        self._pending: Report | None = None
        self._last_try = 0.0
        self.failures = 0

    def send(self, report: Report) -> None:
        self._pending = report
        self.flush()

    def progress(self, report: Report) -> None:
        """Send it, unless another one was tried a moment ago: then this one waits."""
        self._pending = report
        pause = AFTER_FAILURE_SECONDS if self.failures else BETWEEN_PROGRESS_SECONDS
        if time.monotonic() - self._last_try >= pause:
            self.flush()

    def flush(self) -> None:
        """Try to send what has not arrived; a report that the API will never take is dropped."""
        if self._pending is None:
            return
        try:
            self._api.report(self._pending)
        except CallFailed as error:
            LOG.warning("report %r did not arrive: %s", self._pending.state, error)
            if not error.is_final:
                self.failures += 1
                return
        finally:
            self._last_try = time.monotonic()
        self._pending, self.failures = None, 0
