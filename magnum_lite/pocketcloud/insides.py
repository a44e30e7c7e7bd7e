# SPDX-License-Identifier: Apache-2.0
"""The servers' insides in a pocket cloud: the nodes of the node runner, and the faults that hit them."""

import functools
import shutil
from typing import TYPE_CHECKING

from magnum_lite.noderunner.nodes import Means, Node, Nodes, Server
from magnum_lite.pocketcloud.faults import Fault
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud


class Insides:
    """What runs inside the servers of one cloud; nothing of an earlier cloud in the same folder is kept."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        settings = cloud.settings
        folder = settings.state_dir / "nodes"
        shutil.rmtree(folder, ignore_errors=True)
        means = Means(settings.programs, settings.downloads)
        self._nodes = Nodes(folder, cloud.clock, means, fate=functools.partial(_fate, cloud))
        self.end = self._nodes.end
        self.running = self._nodes.running
        self.count = self._nodes.count
        self.console = self._nodes.console
        self.stop = self._nodes.stop

    def begin(self, server: Record) -> None:
        """Boot a server, unless somebody else looks after the servers of this cloud."""
        if self._cloud.settings.run_agents:
            self._nodes.begin(
                Server(server["id"], server["name"], server["project_id"], server["user_id"], server["_user_data"])
            )

    def strike(self) -> None:
        """Kill the running agents that a fault just switched on hits."""
        for node in self.running():
            if _take(self._cloud, node) is not None:
                self.end(node.server_id, at_once=True)


def _fate(cloud: "Cloud", node: Node) -> float | None:
    """Say after how many seconds a fault kills an agent that starts now."""
    fault = _take(cloud, node)
    return (fault.seconds or 0.0) if fault else None


def _take(cloud: "Cloud", node: Node) -> Fault | None:
    return cloud.faults.take("agent-dies", "nova", "create_server", Scope(node.user_id, node.project_id), node.name)
