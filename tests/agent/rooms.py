# SPDX-License-Identifier: Apache-2.0
"""A node whose units run as processes of this machine, for tests; all of it ends with the test."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.process import Means, ProcessHost
from magnum_lite.nodeconf import Unit
from tests import lacking

PROGRAMS = Path(__file__).parent / "lent"
UNITS = Path(__file__).parent / "units"
IMAGE = "registry.example/served:1@sha256:" + "0" * 64
WAIT_SECONDS = 10.0


class Machine:
    """A process host below ``root`` with the variables and files that the units of the tests read."""

    def __init__(self, root: Path, **means: object) -> None:
        self.disk = Disk(root)
        self.means = Means(**{"programs": (PROGRAMS,), "owner": os.getpid(), **means})
        self.host = self.agent()
        self.tell(NAME="two words", STATUS="0")
        self.serve("hello\n")
        self.disk.at("/var/lib/prepared").mkdir(parents=True)

    def agent(self) -> ProcessHost:
        """Begin as an agent does that was started anew."""
        self.host = ProcessHost(self.disk, time.sleep, self.means)
        return self.host

    def tell(self, **variables: str) -> None:
        values = {"IMAGE": IMAGE, **variables}
        self.disk.write("/etc/served.env", "".join(f'{name}="{value}"\n' for name, value in values.items()))

    def serve(self, text: str) -> None:
        self.disk.write("/etc/served/served", text)

    def write(self, name: str) -> str:
        unit = Unit(name, (UNITS / name).read_text(), IMAGE, "active")
        self.host.pull(IMAGE)
        self.host.write_unit(unit)
        self.host.reload()
        return name

    def run(self, name: str) -> str:
        self.host.start(self.write(name))
        return name

    def log(self, name: str) -> str:
        return (self.disk.find(f"/var/log/units/{name}.log") or b"").decode()


def wait_for(is_there: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_there():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@contextlib.contextmanager
def machine(root: Path, **means: object) -> Iterator[Machine]:
    """Give a machine and end what runs on it; skip where this user may not make rooms."""
    root.mkdir(parents=True, exist_ok=True)
    found = Machine(root, **means)
    try:
        found.host.room.ensure()
    except HostFailed as error:
        lacking.lack(str(error))
    try:
        yield found
    finally:
        found.host.room.end()
