# SPDX-License-Identifier: Apache-2.0
"""The phase that waits until every unit says it is ready."""

import time

from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.host import Host
from magnum_lite.agent.pace import Backoff
from magnum_lite.nodeconf import Unit

BETWEEN_LOOKS = Backoff(first=0.1, longest=2.0, factor=1.5)


def run(course: Course) -> None:
    deadline = time.monotonic() + course.ready_seconds
    for unit in course.document.units:
        looks = 0
        while not _is_ready(course.host, unit):
            if time.monotonic() >= deadline:
                raise HostFailed(_complaint(course, unit), is_final=True)
            looks += 1
            course.wait(BETWEEN_LOOKS.after(looks))


def _is_ready(host: Host, unit: Unit) -> bool:
    if unit.ready is None:
        # A oneshot that did not exit with 0 has already failed the phase that started it.
        return True
    return host.is_active(unit.name) and (unit.ready == "active" or host.probe(unit.ready))


def _complaint(course: Course, unit: Unit) -> str:
    seconds = f"after {course.ready_seconds:g} seconds"
    if not course.host.is_active(unit.name):
        return f"unit {unit.name} does not run {seconds}"
    return f"unit {unit.name} runs, but {unit.ready} does not answer {seconds}"
