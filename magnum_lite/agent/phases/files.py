# SPDX-License-Identifier: Apache-2.0
"""The phase that lays down the document's files and takes away those of ours that it no longer names."""

from magnum_lite.agent.course import Course


def run(course: Course) -> None:
    disk, state = course.disk, course.state
    wanted = [file.path for file in course.document.files]
    # First the list, then the files: what is cut here can still be found and removed.
    state.files = sorted({*state.files, *wanted})
    course.remember()
    for file in course.document.files:
        disk.write(file.path, file.content, file.mode)
    for path in set(state.files) - set(wanted):
        disk.remove(path)
    state.files = sorted(wanted)
    course.remember()
