# SPDX-License-Identifier: Apache-2.0
"""What a conductor does by the clock: find unfinished operations, and say that it lives."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection

from magnum_lite.conductor.deps import ConductorDeps
from magnum_lite.store import operations, reservations, services

LOG = logging.getLogger(__name__)

# What Magnum calls its conductor: monitoring and tests of the API look for that.
BINARY = "magnum-conductor"
MOST_AT_ONCE = 1000


class Periodic:
    """Runs one task every so many seconds on a thread of its own, until it is stopped."""

    def __init__(self, name: str, seconds: float, task: Callable[[], None]) -> None:
        self._name = name
        self._seconds = seconds
        self._task = task
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._task()
            except Exception:
                LOG.exception("%s failed and will be tried again in %s s", self._name, self._seconds)
            self._stopping.wait(self._seconds)


def find_unfinished(deps: ConductorDeps, nudge: Callable[[str], None]) -> None:
    """Nudge every cluster whose operation is due: a lost message or a dead conductor costs no more than this."""
    with deps.store.read() as session:
        due = operations.list_due(session, deps.now(), MOST_AT_ONCE)
    for cluster_uuid in due:
        nudge(cluster_uuid)


def beat(deps: ConductorDeps, host: str) -> None:
    """Say that this conductor lives."""
    deps.store.transact(lambda session: services.beat(session, host, BINARY, deps.now()))


def renew_all(deps: ConductorDeps, cluster_uuids: Collection[str]) -> None:
    """Keep the clusters this conductor works on, so that a slow call to a cloud does not lose one.

    What it could not let go (the database was away, say) is not renewed, and can be taken again when it has run out.
    """
    if cluster_uuids:
        seconds = deps.conf.conductor.reservation_seconds
        deps.store.transact(
            lambda session: reservations.renew_all(session, deps.owner, cluster_uuids, deps.now(), seconds)
        )
