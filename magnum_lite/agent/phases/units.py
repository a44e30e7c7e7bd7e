# SPDX-License-Identifier: Apache-2.0
"""The phase that runs the document's units in its order, restarts those whose input changed and ends the others."""

import hashlib
import json
import logging
from collections.abc import Mapping

from magnum_lite.agent import inputs
from magnum_lite.agent.course import Course
from magnum_lite.agent.disk import Disk
from magnum_lite.nodeconf import NodeDocument, Unit

LOG = logging.getLogger(__name__)


def run(course: Course) -> None:
    _end_unwanted(course)
    for unit in course.document.units:
        course.host.write_unit(unit)
    course.host.reload()
    files = _files_of(course.document)
    for unit in course.document.units:
        _ensure_running(course, unit, _fingerprint(course, unit, files))


def _end_unwanted(course: Course) -> None:
    unwanted = course.host.units() - {unit.name for unit in course.document.units}
    for name in sorted(unwanted):
        course.host.stop(name)
        course.host.remove_unit(name)
        course.state.started.pop(name, None)
        course.remember()
        LOG.info("unit %s is gone", name)


def _ensure_running(course: Course, unit: Unit, fingerprint: str) -> None:
    host, state = course.host, course.state
    is_oneshot, is_active = unit.ready is None, host.is_active(unit.name)
    if state.started.get(unit.name) == fingerprint and (is_active or is_oneshot):
        return
    if state.started.get(unit.name) != fingerprint:
        # Also one that is on its way up, or down: it would come up as it was before.
        host.stop(unit.name)
    if not is_oneshot:
        # Said before the start, while the unit does not run: if we are cut now, the next run starts it exactly once.
        state.started[unit.name] = fingerprint
        course.remember()
    host.start(unit.name)
    state.started[unit.name] = fingerprint
    course.remember()
    LOG.info("unit %s is started", unit.name)


def _files_of(document: NodeDocument) -> Mapping[str, str]:
    """Give the text of every file the document brings, by path; keys, certificates and programs mention no other."""
    cert_pairs = {f"{request.path}.{kind}": "" for request in document.certificates for kind in ("key", "crt")}
    authorities = dict.fromkeys(document.authority_paths.values(), "")
    programs = dict.fromkeys(_programs(document), "")
    return {**programs, **cert_pairs, **authorities, **{file.path: file.content for file in document.files}}


def _programs(document: NodeDocument) -> frozenset[str]:
    return frozenset(path for binary in document.binaries for path in binary.paths.values())


def _fingerprint(course: Course, unit: Unit, files: Mapping[str, str]) -> str:
    """Give a digest of all that the unit runs with: its own text, its image and the files it reads as they are now.

    A program counts by its stamp on the disk, because it is large and the phase before has proven it.
    """
    programs, disk = _programs(course.document), course.disk
    read = [
        (path, disk.stamp(path) if path in programs else _digest(disk, path))
        for path in sorted(inputs.read_by(unit.content, files))
    ]
    return hashlib.sha256(json.dumps([unit.content, unit.image, read]).encode()).hexdigest()


def _digest(disk: Disk, path: str) -> str:
    return hashlib.sha256(disk.find(path) or b"").hexdigest()
