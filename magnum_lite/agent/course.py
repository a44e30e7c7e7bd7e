# SPDX-License-Identifier: Apache-2.0
"""What the phases work with while they take the node to one document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from magnum_lite.agent.api import API
from magnum_lite.agent.boot import Boot
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.host import Host
from magnum_lite.agent.state import State
from magnum_lite.nodeconf import NodeDocument

READY_SECONDS = 900.0


@dataclass(frozen=True)
class Course:
    """``wait`` pauses for seconds; it also ends the course when the agent is stopped or a newer document is there.

    ``ready_seconds`` is how long all units together may take to become ready: the etcd members of a new cluster wait
    for each other, and the other masters' servers may come late.
    """

    boot: Boot
    document: NodeDocument
    api: API
    disk: Disk
    host: Host
    state: State
    wait: Callable[[float], None]
    ready_seconds: float = READY_SECONDS

    def remember(self) -> None:
        self.state.save(self.disk)
