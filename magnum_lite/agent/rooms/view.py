# SPDX-License-Identifier: Apache-2.0
"""What is seen in a node's room, and in a cell of it, and how a process goes there.

The room's root is the node's own folder. The machine lends it /usr, its devices and kernel, and programs. A cell's root
is empty but for /usr, devices, a few files that programs look for, and the volumes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from magnum_lite.agent.rooms import kernel
from magnum_lite.agent.rooms.service import Cell, Task

PROGRAMS = Path("/run/room/programs")
CELL = Path("/run/room/cell")
PROGRAM_OF_CELL = Path("/program")
LENT = ("/usr", "/sys", "/dev")
LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
COPIED = ("passwd", "group", "nsswitch.conf", "hosts", "resolv.conf", "ld.so.cache", "alternatives")
TEMPORARY = ("tmp", "run", "var/tmp")


def enter_room(root: Path, programs: Mapping[str, Path]) -> None:
    """Make the node's folder the root of this process, which must be the first of its namespaces."""
    kernel.propagate(kernel.MS_PRIVATE)
    _furnish(root)
    kernel.bind(root, root)
    _lend(root)
    for name, path in programs.items():
        place = root / PROGRAMS.relative_to("/") / name
        place.touch()
        kernel.bind(path, place, is_read_only=True)
    kernel.move_into(root)
    # What containerd and the kubelet mount for one another must be seen by both, and never by the machine.
    kernel.propagate(kernel.MS_SHARED)


def execute(task: Task) -> None:
    """Become the task's program, in its cell if it has one; raise ``OSError`` or ``KeyError``."""
    program = task.program
    if task.cell is not None:
        program = _enter_cell(task.cell, Path(task.program))
    os.execve(program, task.words, dict(task.environment))  # noqa: S606 - the words of a unit, not of a shell


def _furnish(root: Path) -> None:
    """Lay what a node's own disk has and its folder lacks: mount points, links, and what names users and servers."""
    for name in (*TEMPORARY, "proc", "root", "var/log", "etc", *(path.lstrip("/") for path in LENT)):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.rmtree(root / PROGRAMS.relative_to("/"), ignore_errors=True)
    (root / PROGRAMS.relative_to("/")).mkdir(parents=True)
    (root / CELL.relative_to("/")).mkdir(exist_ok=True)
    (root / "usr/local").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    _link(root, ((name, Path("/", name)) for name in LINKS))
    for name in COPIED:
        _copy(Path("/etc", name), root / "etc" / name)


def _link(root: Path, links: Iterable[tuple[str, Path]]) -> None:
    for name, original in links:
        if original.is_symlink() and not os.path.lexists(root / name):
            (root / name).symlink_to(original.readlink())


def _copy(source: Path, target: Path) -> None:
    if os.path.lexists(target) or not source.exists():
        return
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy(source, target)


def _lend(root: Path) -> None:
    own = os.open(root / "usr/local", os.O_PATH | os.O_DIRECTORY)
    for path in LENT:
        kernel.bind(Path(path), root / path.lstrip("/"))
    kernel.bind(Path(f"/proc/self/fd/{own}"), root / "usr/local")
    os.close(own)
    kernel.mount("proc", root / "proc", kernel.MS_NOSUID | kernel.MS_NODEV)


def _enter_cell(cell: Cell, program: Path) -> str:
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.propagate(kernel.MS_SLAVE)
    kernel.mount("tmpfs", CELL)
    _build_cell(cell)
    place = CELL / PROGRAM_OF_CELL.relative_to("/") / program.name
    place.parent.mkdir()
    place.touch()
    kernel.bind(program, place, is_read_only=True)
    kernel.move_into(CELL)
    if cell.is_read_only:
        kernel.freeze(Path("/"))
    if cell.capabilities is not None:
        kernel.give_up_privileges(cell.capabilities)
        kernel.gain_nothing()
    if cell.user:
        os.setgroups([])
        os.setgid(cell.group)
        os.setuid(cell.user)
    return str(PROGRAM_OF_CELL / program.name)


def _build_cell(cell: Cell) -> None:
    for path in (*LENT, "/proc"):
        (CELL / path.lstrip("/")).mkdir()
        kernel.bind(Path(path), CELL / path.lstrip("/"), is_read_only=path == "/usr")
    _link(CELL, ((name, Path("/", name)) for name in LINKS))
    (CELL / "etc").mkdir()
    for name in COPIED:
        _copy(Path("/etc", name), CELL / "etc" / name)
    for name in (*TEMPORARY, *(path.lstrip("/") for path in cell.tmpfs)):
        (CELL / name).mkdir(parents=True, exist_ok=True)
        kernel.mount("tmpfs", CELL / name)
    for volume in cell.volumes:
        _show(Path(volume.source), CELL / volume.target.lstrip("/"), is_read_only=volume.is_read_only)


def _show(source: Path, target: Path, *, is_read_only: bool) -> None:
    if not source.exists():
        raise FileNotFoundError(f"{source} of a volume is not there")
    with contextlib.suppress(FileExistsError):
        if source.is_dir():
            target.mkdir(parents=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
    kernel.bind(source, target, is_read_only=is_read_only)
