# SPDX-License-Identifier: Apache-2.0
"""The phase that lays down the certificates of the authorities the node believes."""

from magnum_lite.agent.course import Course


def run(course: Course) -> None:
    for name, path in course.document.authority_paths.items():
        course.disk.write(path, course.document.authorities[name])
