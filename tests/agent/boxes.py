# SPDX-License-Identifier: Apache-2.0
"""A machine in a box: a real systemd with podman, in namespaces of its own, on a copy of this machine's disk.

What happens in it stays in memory and is gone with it. It needs root, a cgroup2 file system and overlay mounts.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from magnum_lite.agent.commands import Commands, Output
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import HostFailed
from tests.servers import START_SECONDS, ServerUnavailable, executable

FOLDER = Path(__file__).parent / "box"
PROGRAMS = ("podman", "runc", "conmon", "dbus-daemon", "unshare", "nsenter", "setpriv", "systemctl")
CHANGES = frozenset({"pull", "enable", "disable", "daemon-reload", "start", "stop", "restart", "restorecon"})


@dataclass(frozen=True)
class Recording(Commands):
    """The programs of a machine, with a list of what was run."""

    ran: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, *command: str, seconds: float = 60.0, may_end_with: Collection[int] = (0,)) -> Output:
        self.ran.append(command)
        return super().run(*command, seconds=seconds, may_end_with=may_end_with)

    def changes(self) -> list[tuple[str, ...]]:
        """Give what was run and is there to change something."""
        return [command for command in self.ran if CHANGES.intersection(command)]


class Box:
    """The machine whose first process has this number."""

    def __init__(self, process: int) -> None:
        self.commands = Recording(Commands.inside(process).prefix)
        self.disk = Disk(Path(f"/proc/{process}/root"))

    def run(self, *command: str) -> str:
        return Commands(self.commands.prefix).run(*command).out.strip()

    def main_process(self, unit: str) -> str:
        return self.run("systemctl", "show", "--property=MainPID", "--value", unit)

    def containers(self) -> list[str]:
        """Give the images of the containers that run."""
        return self.run("podman", "ps", "--format={{.Image}}").split()


@contextlib.contextmanager
def box(name: str = "box") -> Iterator[Box]:
    """Start a machine of this name and end it with all that runs in it."""
    if os.geteuid() != 0:
        raise ServerUnavailable("a machine in a box is made by root only")
    for program in PROGRAMS:
        executable(program, "/usr/sbin")
    with tempfile.TemporaryDirectory(prefix="magnum-lite-box-") as folder, _control_group() as group:
        memory = Path(folder)
        with (memory / "log").open("wb") as log:
            command = [str(FOLDER / "start"), str(group), str(memory / "disk"), name]
            (memory / "disk").mkdir()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield Box(_await_systemd(process, memory / "log"))
        finally:
            process.kill()
            process.wait()


def _await_systemd(process: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until the machine is up and give the number of its first process as we see it."""
    deadline = time.monotonic() + START_SECONDS
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            break
        found = children.read_text().split()
        if found and _is_up(int(found[0])):
            return int(found[0])
    raise ServerUnavailable(f"no machine in a box can be made here: {log.read_text(errors='replace')[-1000:]}")


def _is_up(process: int) -> bool:
    if Path(f"/proc/{process}/comm").read_text() != "systemd\n":
        return False
    with contextlib.suppress(HostFailed):
        state = Commands.inside(process).run("systemctl", "is-active", "box.target", may_end_with=(0, 3))
        return state.out == "active\n"
    return False


@contextlib.contextmanager
def _control_group() -> Iterator[Path]:
    """Make a control group and take it away with all that were made in it."""
    found = re.search(r"^\S+ (\S+) cgroup2 ", Path("/proc/mounts").read_text(), re.MULTILINE)
    if found is None:
        raise ServerUnavailable("a machine in a box needs a cgroup2 file system")
    try:
        group = Path(tempfile.mkdtemp(prefix="magnum-lite-box-", dir=found.group(1)))
    except OSError as error:
        raise ServerUnavailable(f"no control group can be made: {error}") from error
    try:
        yield group
    finally:
        _remove_groups(group)


def _remove_groups(top: Path) -> None:
    """Remove the group once the kernel has let go of the processes that were killed."""
    deadline = time.monotonic() + 10
    while top.exists():
        for folder, *_ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
        assert time.monotonic() < deadline, f"{top} is still in use"
        time.sleep(0.02)
