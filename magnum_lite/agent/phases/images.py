# SPDX-License-Identifier: Apache-2.0
"""The phase that fetches the container images of the units, by digest, before anything is stopped for them."""

import logging

from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.wish import pinned_digest

LOG = logging.getLogger(__name__)


def run(course: Course) -> None:
    for image in dict.fromkeys(unit.image for unit in course.document.units if unit.image is not None):
        wanted = pinned_digest(image)
        if course.host.image_digest(image) == wanted:
            continue
        course.host.pull(image)
        found = course.host.image_digest(image)
        if found != wanted:
            raise HostFailed(f"image {image} has the digest {found} after it was pulled")
        LOG.info("image %s is here", image)
