# SPDX-License-Identifier: Apache-2.0
"""What the agent remembers from one run to the next, in one small file that is replaced whole."""

from __future__ import annotations

import dataclasses
import json
import logging
from dataclasses import dataclass, field

from magnum_lite.agent.disk import Disk

LOG = logging.getLogger(__name__)
FOLDER = "/var/lib/magnum-lite-agent"
STATE_FILE = f"{FOLDER}/state.json"


@dataclass
class State:
    """``files`` and ``programs`` are the paths we have laid, ``started`` maps a unit to the fingerprint it was started
    with, ``signalled`` maps the digest of a wait condition's URL to the status last told to it."""

    ready_generation: int = 0
    seen_generation: int = 0
    files: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    started: dict[str, str] = field(default_factory=dict)
    signalled: dict[str, str] = field(default_factory=dict)

    def save(self, disk: Disk) -> None:
        disk.write(STATE_FILE, json.dumps(dataclasses.asdict(self), indent=1, sort_keys=True), 0o600)


def read(disk: Disk) -> State:
    """Give what was remembered, or nothing at all after a loss: every phase looks before it acts."""
    text = disk.find(STATE_FILE)
    if text is None:
        return State()
    try:
        return State(**json.loads(text))
    except (ValueError, TypeError) as error:
        LOG.warning("%s cannot be read, so the agent starts without memory: %s", STATE_FILE, error)
        return State()
