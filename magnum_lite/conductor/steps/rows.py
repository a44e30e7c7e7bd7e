# SPDX-License-Identifier: Apache-2.0
"""Making rows gone whose things are gone."""

from __future__ import annotations

from magnum_lite.conductor.look import Look
from magnum_lite.store import clusters, leavers
from magnum_lite.store.engine import Session


def remove_leavers(look: Look) -> None:
    """Make the rows of nodes and nodegroups gone that shall not be and whose servers are not any more."""
    cluster = look.cluster
    groups = [group for group in cluster.nodegroups if group.is_leaving]
    nodes = [node.uuid for node in cluster.all_nodes if node.is_leaving]
    if not groups and not nodes:
        return

    def work(session: Session) -> None:
        leavers.remove_nodes(session, nodes)
        leavers.remove_groups(session, [group.uuid for group in groups])

    look.write(work)
    cluster.nodegroups[:] = [group for group in cluster.nodegroups if not group.is_leaving]
    for group in cluster.nodegroups:
        group.nodes[:] = [node for node in group.nodes if not node.is_leaving]


def remove_rows(look: Look) -> None:
    """Make every row of the cluster gone, its events, operations and reservation too."""
    look.write(lambda session: clusters.remove(session, look.cluster.uuid))
