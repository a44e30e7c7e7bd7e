# SPDX-License-Identifier: Apache-2.0
"""The machine that a benchmark ran on, in words."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path


def machine() -> str:
    """Say in a sentence what was measured on."""
    load = os.getloadavg()[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.1f} GiB, Python {platform.python_version()}, "
        f"{platform.system()} {platform.release()}, load {load:.1f} at the end."
    )


def _processor() -> str:
    lines = (line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines())
    info: Mapping[str, str] = {key.strip(): value.strip() for key, _, value in lines}
    return info.get("model name", platform.machine())
