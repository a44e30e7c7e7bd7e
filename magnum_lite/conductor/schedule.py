# SPDX-License-Identifier: Apache-2.0
"""When which cluster is looked at, and by which thread."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable

LOG = logging.getLogger(__name__)

# Seconds for which clusters that were begun come before new ones when all threads are busy.
HEAD_START = 10.0


class Schedule:
    """Runs ``work(cluster_uuid)`` on a fixed number of threads, for each cluster by one thread at a time.

    ``work`` gives the seconds until it wants to run again for that cluster, or ``None``. Nudges for a cluster that
    waits for a thread are one; a nudge for a cluster that is being worked on has it worked on once more.

    What was begun is finished before more is begun: nodes wait for it, and ask again and again.
    """

    def __init__(self, work: Callable[[str], float | None], *, workers: int, head_start: float = HEAD_START) -> None:
        self._work = work
        self._head_start = head_start
        self._changed = threading.Condition()
        self._due: list[tuple[float, str]] = []
        self._when: dict[str, float] = {}
        self._new: dict[str, None] = {}
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._is_stopping = False
        self._threads = [threading.Thread(target=self._serve, name=f"worker-{n}", daemon=True) for n in range(workers)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def nudge(self, cluster_uuid: str) -> None:
        """Have a cluster worked on as soon as a thread is free."""
        with self._changed:
            if cluster_uuid in self._running:
                self._again.add(cluster_uuid)
            elif cluster_uuid not in self._when:
                self._new[cluster_uuid] = None
                self._put(cluster_uuid, time.monotonic() + self._head_start)
            elif cluster_uuid not in self._new:
                self._put(cluster_uuid, time.monotonic())

    def running(self) -> list[str]:
        """List the clusters that are being worked on now."""
        with self._changed:
            return sorted(self._running)

    def stop(self, seconds: float) -> bool:
        """Begin nothing new and wait for what is being worked on; say whether it ended in time."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def _put(self, cluster_uuid: str, when: float) -> None:
        if self._when.get(cluster_uuid, when + 1) > when:
            self._when[cluster_uuid] = when
            heapq.heappush(self._due, (when, cluster_uuid))
            self._changed.notify()

    def _serve(self) -> None:
        while (cluster_uuid := self._take()) is not None:
            wait = self._safely(cluster_uuid)
            with self._changed:
                self._running.discard(cluster_uuid)
                if cluster_uuid in self._again:
                    self._again.discard(cluster_uuid)
                    wait = 0.0
                if wait is not None:
                    self._put(cluster_uuid, time.monotonic() + wait)

    def _take(self) -> str | None:
        with self._changed:
            while not self._is_stopping:
                pause = self._drop_stale()
                if pause is not None and (pause <= 0 or self._new):
                    cluster_uuid = self._due[0][1] if pause <= 0 else next(iter(self._new))
                    self._new.pop(cluster_uuid, None)
                    del self._when[cluster_uuid]
                    self._running.add(cluster_uuid)
                    return cluster_uuid
                self._changed.wait(pause)
        return None

    def _drop_stale(self) -> float | None:
        """Give the seconds until the next look is due; entries that an earlier time has replaced are dropped."""
        while self._due:
            when, cluster_uuid = self._due[0]
            if self._when.get(cluster_uuid) == when:
                return when - time.monotonic()
            heapq.heappop(self._due)
        return None

    def _safely(self, cluster_uuid: str) -> float | None:
        try:
            return self._work(cluster_uuid)
        except Exception:
            # The database is away, most likely. The operation's row still wants to be looked at, so nothing is lost.
            LOG.exception("cluster %s: could not be looked at", cluster_uuid)
            return None
