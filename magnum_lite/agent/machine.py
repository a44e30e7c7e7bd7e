# SPDX-License-Identifier: Apache-2.0
"""Which of the downloads named for several machines is for this one, and the refusal of one that is not the pinned."""

from __future__ import annotations

import platform

from magnum_lite.agent.errors import HostFailed
from magnum_lite.nodeconf import Binary, Source

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def source_of(binary: Binary, machine: str | None = None) -> Source:
    """Give what this machine (as ``uname -m`` names it) downloads; raise ``HostFailed`` when nothing is for it."""
    native = platform.machine() if machine is None else machine
    source = binary.sources.get(MACHINES.get(native, native))
    if source is None:
        known = ", ".join(sorted(binary.sources)) or "no machine"
        raise HostFailed(f"{binary.name} is not there for this machine ({native}), only for {known}", is_final=True)
    return source


def mismatch(source: Source, found: str) -> HostFailed:
    """Give the refusal of a download with another SHA-256 than the pinned one."""
    return HostFailed(f"{source.url} is refused: its SHA-256 must be {source.sha256}, but it is {found}", is_final=True)
