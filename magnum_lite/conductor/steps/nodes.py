# SPDX-License-Identifier: Apache-2.0
"""Waiting for nodes; their reports have the conductor look again at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from magnum_lite.conductor.look import Look
from magnum_lite.drivers.base import NotYet
from magnum_lite.errors import NodeFailed
from magnum_lite.model import Node
from magnum_lite.model.states import NodeState, OperationState
from magnum_lite.store import operations

NAMED = 3
SECONDS_BETWEEN_LOOKS = 30.0


def await_control_plane(look: Look) -> None:
    """Wait until every master has reported that it is ready."""
    if look.driver.nodes_report:
        check_nodes(look.cluster.nodes)
        _wait_for(look.cluster.masters, "master")


def await_nodes(look: Look) -> None:
    """Wait until every node has reported that it is ready."""
    if look.driver.nodes_report:
        check_nodes(look.cluster.nodes)
        _wait_for(look.cluster.nodes, "node")


def await_new_nodes(look: Look) -> None:
    """Wait until every node that was asked for since the last operation that ended well is ready.

    Older ones were ready then. What has become of them is their health: one that broke keeps no change from its end,
    or a cluster with two broken nodes could not be healed one by one.
    """
    if not look.driver.nodes_report:
        return
    with look.deps.store.read() as session:
        past = operations.list_(session, look.cluster.uuid)
    since = max((one.started_at for one in past if one.state == OperationState.COMPLETE), default=None)
    new = [node for node in look.cluster.nodes if since is None or node.created_at > since]
    check_nodes(new)
    _wait_for(new, "new node")


def check_nodes(nodes: Iterable[Node]) -> None:
    """Raise ``NodeFailed`` with the node's own words when one has reported that it cannot go on."""
    for node in nodes:
        if node.state == NodeState.FAILED:
            raise NodeFailed(f"node {node.name} failed: {node.message or 'it gave no reason'}")


def _wait_for(nodes: Sequence[Node], word: str) -> None:
    waiting = [node for node in nodes if not node.is_ready]
    if waiting:
        shown = ", ".join(f"{node.name} ({node.state})" for node in waiting[:NAMED])
        more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
        ready = len(nodes) - len(waiting)
        raise NotYet(f"{ready} of {len(nodes)} {word}s ready, waiting for {shown}{more}", after=SECONDS_BETWEEN_LOOKS)
