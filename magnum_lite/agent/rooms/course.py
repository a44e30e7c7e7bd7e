# SPDX-License-Identifier: Apache-2.0
"""The course of each service of a room: begun, active, ended, begun again; decided here, done by the keeper."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from magnum_lite.agent.rooms.service import Service, Task

STARTING, ACTIVE, WAITING, STOPPING, ENDED, FAILED = "starting", "active", "waiting", "stopping", "ended", "failed"
QUIET = frozenset({ENDED, FAILED})


@dataclass
class Course:
    """One service now.

    ``due`` is when it is begun again or killed, ``code`` how its last process ended; ``is_begun`` says that its last
    task was begun at least once.
    """

    service: Service
    state: str = STARTING
    place: int = 0
    pid: int | None = None
    code: int | None = None
    due: float | None = None
    starts: int = 0
    is_begun: bool = False


class Courses:
    """All services that were ever started; ``begin`` makes a process of a service's task and gives its number."""

    def __init__(self, begin: Callable[[str, Task], int], now: Callable[[], float] = time.monotonic) -> None:
        self.all: dict[str, Course] = {}
        self._begin = begin
        self._now = now

    def start(self, service: Service) -> None:
        """Begin a service anew; one that is on its way or active is left alone."""
        known = self.all.get(service.name)
        if known is None or known.state in QUIET:
            self.all[service.name] = Course(service)
            self._go(self.all[service.name])

    def stop(self, name: str) -> None:
        course = self.all.get(name)
        if course is None or course.state == STOPPING:
            return
        if course.pid is None:
            course.state, course.due = ENDED, None
            return
        course.state, course.due = STOPPING, self._now() + course.service.stop_seconds
        self.send(name, signal.SIGTERM)

    def send(self, name: str, number: int) -> None:
        """Send a signal to what runs of a service."""
        course = self.all.get(name)
        if course is not None and course.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(course.pid, number)

    def note_end(self, pid: int, code: int) -> None:
        """Go on after the end of a process; one that is no service's was an orphan."""
        course = next((one for one in self.all.values() if one.pid == pid), None)
        if course is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        course.pid, course.code, course.due = None, code, None
        self._go_on(course, code)

    def do_what_is_due(self) -> None:
        for name, course in self.all.items():
            if course.due is None or self._now() < course.due:
                continue
            course.due = None
            if course.state == WAITING:
                course.place = 0
                self._go(course)
            else:
                self.send(name, signal.SIGKILL)

    def patience(self) -> float | None:
        """Give the seconds until something is due."""
        due = [course.due for course in self.all.values() if course.due is not None]
        return max(0.0, min(due) - self._now()) if due else None

    def _go(self, course: Course) -> None:
        """Begin the task whose turn it is."""
        service, is_last = course.service, course.place == len(course.service.tasks) - 1
        course.starts += course.place == 0
        course.pid = self._begin(service.name, service.tasks[course.place])
        course.is_begun |= is_last
        course.state = ACTIVE if is_last and not service.is_oneshot else STARTING

    def _go_on(self, course: Course, code: int) -> None:
        service, is_good = course.service, code == 0 or course.service.tasks[course.place].may_fail
        if course.state == STOPPING:
            course.state = ENDED
        elif is_good and course.place < len(service.tasks) - 1:
            course.place += 1
            self._go(course)
        elif is_good and service.is_oneshot:
            course.state = ACTIVE if service.is_active_after_exit else ENDED
        elif service.restart == "always" or (service.restart == "on-failure" and not is_good):
            course.state, course.due = WAITING, self._now() + service.restart_seconds
        else:
            course.state = ENDED if is_good else FAILED
