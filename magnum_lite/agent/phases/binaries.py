# SPDX-License-Identifier: Apache-2.0
"""The phase that fetches the programs of the units, each verified before it is laid, and removes those of old ones."""

import logging

from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import HostFailed

LOG = logging.getLogger(__name__)


def run(course: Course) -> None:
    state, wanted = course.state, {path for one in course.document.binaries for path in one.paths.values()}
    # First the list, then the programs: what is cut here can still be found and removed.
    state.programs = sorted({*state.programs, *wanted})
    course.remember()
    _fetch(course)
    for path in set(state.programs) - wanted - {file.path for file in course.document.files}:
        course.disk.remove(path)
    state.programs = sorted(wanted)
    course.remember()


def _fetch(course: Course) -> None:
    for binary in course.document.binaries:
        if course.host.has_binary(binary):
            continue
        course.host.fetch(binary)
        if not course.host.has_binary(binary):
            raise HostFailed(f"the programs of {binary.name} are not as they were laid")
        LOG.info("%s is here", binary.name)
