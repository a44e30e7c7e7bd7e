# SPDX-License-Identifier: Apache-2.0
"""A cluster that was built in a pocket cloud, to be changed."""

from __future__ import annotations

import dataclasses

from magnum_lite.drivers.base import Change, InfrastructureStatus, Observation
from magnum_lite.heat.stacks import name_of
from magnum_lite.model import Cluster, Node, Nodegroup
from magnum_lite.model.defaults import add_nodes
from magnum_lite.model.states import Status
from tests.builders import NOW
from tests.drivers import clusters
from tests.drivers.pocket import Pocket, until
from tests.wishes import forget_leavers

SMALL = {"flavor_id": "m1.small", "master_flavor_id": "m1.small"}


@dataclasses.dataclass
class Built:
    """A cluster of one master and three workers that is there, and what its changes cost."""

    pocket: Pocket
    cluster: Cluster
    changes: int = 0

    def grow(self, count: int) -> None:
        add_nodes(self.cluster, self.cluster.nodegroups[1], count, NOW)

    def leave(self, *nodes: Node) -> None:
        for node in nodes:
            node.is_leaving = True

    def look(self) -> Observation:
        """Look at a change as a conductor does, once."""
        pocket = self.pocket
        return clusters.driver().change_infrastructure(
            self.cluster,
            lambda: pocket.material(self.cluster),
            pocket.stacks,
            change=Change(f"change-{self.changes}", NOW),
        )

    def change(self) -> Observation:
        """Take a change to its end."""
        self.changes += 1
        until(lambda: self.look().status is not InfrastructureStatus.BUILDING)
        seen = self.look()
        assert self.cluster.stack_id == seen.stack_id
        if seen.status is InfrastructureStatus.COMPLETE:
            self._write_down(seen)
        return seen

    def _write_down(self, seen: Observation) -> None:
        """Have the rows say what a conductor would write at the end of a change."""
        forget_leavers(self.cluster)
        for group in self.cluster.nodegroups:
            group.stack_id = seen.group_stacks.get(group.uuid, group.stack_id)
            group.status = Status.UPDATE_COMPLETE
        for node in self.cluster.nodes:
            known = seen.nodes.get(node.uuid)
            node.server_id = known.server_id if known else node.server_id

    def members(self) -> dict[str, str]:
        """Give the servers of the default workers by index, as other software finds them."""
        found: dict[str, str] = self.pocket.members(f"{name_of('k8s', self.cluster.uuid)}/{self.cluster.stack_id}")
        return found

    def members_of(self, group: Nodegroup) -> dict[str, str]:
        """Give the same of a further nodegroup, looked for in its own stack."""
        found: dict[str, str] = self.pocket.members(f"{name_of(group.name, group.uuid)}/{group.stack_id}")
        return found

    def wanted(self, seen: Observation) -> dict[str, str | None]:
        return {str(node.index): seen.nodes[node.uuid].server_id for node in self.cluster.workers}
