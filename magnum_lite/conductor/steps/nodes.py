# SPDX-License-Identifier: Apache-2.0
"""Waiting for nodes; their reports have the conductor look again at once."""

from __future__ import annotations

from collections.abc import Sequence

from magnum_lite.conductor.look import Look
from magnum_lite.drivers.base import NotYet
from magnum_lite.errors import NodeFailed
from magnum_lite.model import Cluster, Node
from magnum_lite.model.states import NodeState

NAMED = 3
SECONDS_BETWEEN_LOOKS = 30.0


def await_control_plane(look: Look) -> None:
    """Wait until every master has reported that it is ready."""
    _wait_for(look, look.cluster.masters, "master")


def await_nodes(look: Look) -> None:
    """Wait until every node has reported that it is ready."""
    _wait_for(look, look.cluster.nodes, "node")


def check_nodes(cluster: Cluster) -> None:
    """Raise ``NodeFailed`` with the node's own words when one has reported that it cannot go on."""
    for node in cluster.nodes:
        if node.state == NodeState.FAILED:
            raise NodeFailed(f"node {node.name} failed: {node.message or 'it gave no reason'}")


def _wait_for(look: Look, nodes: Sequence[Node], word: str) -> None:
    if not look.driver.nodes_report:
        return
    check_nodes(look.cluster)
    waiting = [node for node in nodes if not node.is_ready]
    if waiting:
        shown = ", ".join(f"{node.name} ({node.state})" for node in waiting[:NAMED])
        more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
        ready = len(nodes) - len(waiting)
        raise NotYet(f"{ready} of {len(nodes)} {word}s ready, waiting for {shown}{more}", after=SECONDS_BETWEEN_LOOKS)
