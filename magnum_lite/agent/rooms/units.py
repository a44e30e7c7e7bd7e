# SPDX-License-Identifier: Apache-2.0
"""The service of a room that stands for a systemd unit, with the unit's own command lines."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.podman_run import Container
from magnum_lite.agent.rooms.programs import LentPrograms
from magnum_lite.agent.rooms.service import Cell, Service, Task
from magnum_lite.agent.unit_file import Command, UnitFile, variables

LOG = logging.getLogger(__name__)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What speaks to a real machine's systemd, SELinux, devices or images has nothing to speak to in a room.
LEFT_OUT = frozenset({"podman", "systemctl", "restorecon", "chcon", "udevadm", "modprobe"})


class UnitReader:
    """Reads units of the node on ``disk``.

    A unit can be run when there is a program for it. One that would change the machine itself, because its container
    is privileged or it has none, is only run with ``is_whole_node``.
    """

    def __init__(self, disk: Disk, programs: LentPrograms, *, is_whole_node: bool) -> None:
        self._disk = disk
        self._programs = programs
        self._is_whole_node = is_whole_node

    def service(self, name: str, text: str) -> Service | None:
        """Give what runs for a unit, ``None`` when it cannot be run here; raise ``HostFailed`` for a faulty unit."""
        try:
            unit = UnitFile.parse(text)
            mains = unit.commands("ExecStart")
            # Whether a unit can be run must not depend on files of variables that come later.
            if not mains or not all(self._can_run(command) for command in mains):
                return None
            values = self._variables(name, unit)
            return self._service(name, unit, mains, values)
        except ValueError as error:
            raise HostFailed(f"unit {name} cannot be read: {error}", is_final=True) from error

    def _service(self, name: str, unit: UnitFile, mains: tuple[Command, ...], values: Mapping[str, str]) -> Service:
        before = [command for command in unit.commands("ExecStartPre") if not _is_left_out(name, command)]
        return Service(
            name,
            tuple(self._task(command, values) for command in (*before, *mains)),
            is_oneshot=unit.is_oneshot,
            is_active_after_exit=unit.is_active_after_exit,
            restart=unit.last("Restart", "no"),
            restart_seconds=unit.seconds("RestartSec", 0.1),
            stop_seconds=unit.seconds("TimeoutStopSec", 90),
        )

    def _can_run(self, command: Command) -> bool:
        container = Container.parse(command.words)
        if container is not None:
            is_harmless = self._is_whole_node or not container.is_privileged
            return (
                is_harmless and bool(container.command) and self._programs.find(_name(container.command[0])) is not None
            )
        return self._is_whole_node and self._has(command.words[0])

    def _has(self, path: str) -> bool:
        """Tell whether a program of the node itself is there: one that the machine lent, or one of the machine's."""
        if self._disk.find(path) is not None:
            return self._programs.find(_name(path)) is not None
        return path.startswith("/usr/") and not path.startswith("/usr/local/") and Path(path).exists()

    def _variables(self, name: str, unit: UnitFile) -> dict[str, str]:
        found = unit.environment
        for file in unit.environment_files:
            text = self._disk.find(file.path)
            if text is None and not file.may_be_missing:
                raise HostFailed(f"unit {name} failed: its environment file {file.path} is missing")
            found |= variables((text or b"").decode())
        return found

    def _task(self, command: Command, values: Mapping[str, str]) -> Task:
        words = command.with_variables(values)
        container = Container.parse(words)
        if container is None:
            return Task(words[0], tuple(words), {"PATH": PATH, **values}, may_fail=command.may_fail)
        program = self._programs.in_room(_name(container.command[0]))
        if program is None:
            raise HostFailed(f"there is no program {container.command[0]} any more")
        environment = {"PATH": PATH, "HOME": "/"}
        environment |= {name: value for name, _, value in (one.partition("=") for one in container.environment)}
        return Task(program, container.command, environment, _cell(container), command.may_fail)


def _cell(container: Container) -> Cell:
    user, _, group = (container.user or "0").partition(":")
    if not user.isdecimal() or not (group or "0").isdecimal():
        raise ValueError(f"the user {container.user} of a container must be given by numbers")
    keeps_all = container.is_privileged or "all" not in container.dropped
    return Cell(
        container.volumes,
        container.tmpfs,
        int(user),
        int(group or 0),
        None if keeps_all else tuple(sorted(container.added)),
        container.is_read_only,
    )


def _is_left_out(unit: str, command: Command) -> bool:
    if _name(command.words[0]) not in LEFT_OUT:
        return False
    LOG.info("unit %s: %s is left out", unit, " ".join(command.words))
    return True


def _name(path: str) -> str:
    return PurePosixPath(path).name
