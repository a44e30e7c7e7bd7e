# SPDX-License-Identifier: Apache-2.0
"""The phase that fetches the programs of the units, each verified before it is laid, before anything is stopped."""

import logging

from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import HostFailed

LOG = logging.getLogger(__name__)


def run(course: Course) -> None:
    for binary in course.document.binaries:
        if course.host.has_binary(binary):
            continue
        course.host.fetch(binary)
        if not course.host.has_binary(binary):
            raise HostFailed(f"the programs of {binary.name} are not as they were laid")
        LOG.info("%s is here", binary.name)
