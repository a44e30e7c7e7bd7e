# SPDX-License-Identifier: Apache-2.0
"""Changing the number of nodes of a nodegroup: who goes, who comes."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from magnum_lite.errors import InvalidField
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.growth import add_nodes
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import Nodegroup
from magnum_lite.model.states import NodeState


def check_bounds(group: Nodegroup, count: int) -> None:
    """Raise ``InvalidField`` for a number of nodes outside of the group's own bounds."""
    least, most = group.min_node_count, group.max_node_count
    if count < least or (most is not None and count > most):
        bounds = f"at least {least}" if most is None else f"{least} to {most}"
        raise InvalidField("node_count", count, f"nodegroup {group.name} takes {bounds}")


def resize(
    cluster: Cluster, group: Nodegroup, count: int, named: Sequence[str], now: datetime.datetime
) -> tuple[list[Node], list[Node]]:
    """Mark nodes as leaving and add new ones until so many are to stay; give who goes and who comes.

    ``named`` are those that must go, by server ID (in any form), name, index or address; each that the number leaves
    room for is replaced by a new one. Where names are given nobody else goes; where none are, those go first that
    failed or never came up, then the newest. A node that is leaving already leaves once.
    Raises ``InvalidField`` for a name that is no node's, and for names that are too few to come down to the number.
    """
    staying = [node for node in group.nodes if not node.is_leaving]
    leaving = [node for node in _named(group, named) if not node.is_leaving]
    surplus = len(staying) - len(leaving) - count
    if surplus > 0 and named:
        raise InvalidField(
            "nodes_to_remove",
            list(named),
            f"node_count {count} makes {surplus} more of the {len(staying)} nodes go: name them too, or name none",
        )
    leaving += sorted(staying, key=_worth)[: max(surplus, 0)]
    for node in leaving:
        node.is_leaving = True
    group.node_count = len(staying) - len(leaving)
    before = len(group.nodes)
    add_nodes(cluster, group, count - group.node_count, now)
    return leaving, group.nodes[before:]


def remove_all(group: Nodegroup) -> None:
    """Mark every node of a group as leaving."""
    group.node_count = 0
    for node in group.nodes:
        node.is_leaving = True


def _worth(node: Node) -> tuple[bool, bool, bool, int]:
    """Order nodes by how little is lost with them, least first."""
    return (node.state != NodeState.FAILED, node.server_id is not None, node.is_ready, -node.index)


def _named(group: Nodegroup, names: Sequence[str]) -> list[Node]:
    found: dict[str, Node] = {}
    for name in names:
        node = next((one for one in group.nodes if _is_called(one, name)), None)
        if node is None:
            allowed = f"it takes server IDs, names, indices or addresses of nodes of nodegroup {group.name}"
            raise InvalidField("nodes_to_remove", name, allowed)
        found[node.uuid] = node
    return list(found.values())


def _is_called(node: Node, name: str) -> bool:
    if node.server_id is not None and _plain(name) == _plain(node.server_id):
        return True
    return name in (node.name, str(node.index), node.address, node.floating_address)


def _plain(server_id: str) -> str:
    """Bring a server ID to one form: machines report it in capitals, and without dashes."""
    return server_id.replace("-", "").lower()
