# SPDX-License-Identifier: Apache-2.0
"""The commands that python-magnumclient adds to the openstack command, and which of them a test runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from tests.system.openstack import LongShell

COMMANDS = {entry.name.replace("_", " ") for entry in entry_points(group="openstack.container_infra.v1")}


@dataclass(frozen=True)
class Shells:
    """The shells of two users, which remember what was run in them."""

    demo: LongShell
    admin: LongShell

    def commands(self) -> set[str]:
        """Name the commands that were run."""
        return {_command(line) for line in (*self.demo.done, *self.admin.done)}


def runs(*names: str) -> Callable[[Any], Any]:
    """Say which commands a test runs, no more and no fewer."""

    def mark(test: Any) -> Any:
        test.commands = set(names)
        return test

    return mark


def _command(line: str) -> str:
    return max((one for one in COMMANDS if f"{line} ".startswith(f"{one} ")), key=len)
