# SPDX-License-Identifier: Apache-2.0
"""A conductor as a whole: its workers, its messages and its clock."""

from __future__ import annotations

import functools
import logging
import threading
import time
from typing import Protocol

from magnum_lite.conductor import periodic
from magnum_lite.conductor.deps import ConductorDeps
from magnum_lite.conductor.endpoint import ConductorEndpoint
from magnum_lite.conductor.periodic import Periodic
from magnum_lite.conductor.reconcile import reconcile
from magnum_lite.conductor.schedule import Schedule

LOG = logging.getLogger(__name__)

STOP_SECONDS = 8.0


class Server(Protocol):
    """What brings messages."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def wait(self) -> None: ...


class ConductorService:
    """Starts and stops everything a conductor runs.

    ``endpoint`` is what the server of messages is to be made with; the server is handed to ``start``.
    """

    def __init__(self, deps: ConductorDeps, *, host: str) -> None:
        settings = deps.conf.conductor
        work = functools.partial(reconcile, deps=deps)
        self._schedule = Schedule(work, workers=settings.workers)
        nudge = self._schedule.nudge
        self.endpoint = ConductorEndpoint(deps, nudge)
        self._periodic = (
            Periodic("unfinished", settings.periodic_seconds, lambda: periodic.find_unfinished(deps, nudge)),
            Periodic("heartbeat", settings.heartbeat_seconds, lambda: periodic.beat(deps, host)),
            Periodic(
                "renewals", settings.reservation_seconds / 3, lambda: periodic.renew_all(deps, self._schedule.running())
            ),
        )
        self._server: Server | None = None

    def start(self, server: Server) -> None:
        """Begin to work: on what messages ask for, and on whatever was left unfinished."""
        self._server = server
        self._schedule.start()
        for task in self._periodic:
            task.start()
        # While the broker is away this does not come back, and unfinished work needs no broker.
        threading.Thread(target=server.start, name="messages", daemon=True).start()

    def stop(self) -> bool:
        """End within ten seconds; say whether all work came to the end of a step.

        What did not is cut off where it is, and the next conductor goes on from there.
        """
        began = time.monotonic()
        for task in self._periodic:
            task.stop()
        if self._server is not None:
            threading.Thread(target=self._server.stop, name="messages-stop", daemon=True).start()
        is_clean = self._schedule.stop(STOP_SECONDS)
        LOG.info("stopped after %.1f s", time.monotonic() - began)
        return is_clean
