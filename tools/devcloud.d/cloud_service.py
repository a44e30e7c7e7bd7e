# SPDX-License-Identifier: Apache-2.0
"""What a service is: a command, its surroundings, and how to tell that it works."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping

from layout import ROOT, Layout


@dataclasses.dataclass(frozen=True)
class Service:
    """One process with its children.

    ``port`` is the name of the port it listens on, ``path`` what answers HTTP there once it works.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    port: str | None = None
    path: str | None = None


def environment_of(layout: Layout, service: Service) -> dict[str, str]:
    """Give the whole environment of a service: nothing of the caller's clouds and proxies is in it."""
    return {
        "PATH": os.pathsep.join([str(layout.venv / "bin"), os.defpath, "/usr/sbin", "/sbin"]),
        "HOME": str(layout.folder / "home"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        # Every Python process refuses to dial anything but this machine.
        "PYTHONPATH": str(ROOT / "tests" / "guard"),
        "TMPDIR": str(layout.folder / "tmp"),
        "no_proxy": "127.0.0.0/8,localhost",
        **service.environment,
    }
