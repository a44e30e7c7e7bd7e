# SPDX-License-Identifier: Apache-2.0
"""Accepting another number of nodes for a nodegroup."""

from __future__ import annotations

from collections.abc import Sequence

from magnum_lite.api import acceptance
from magnum_lite.api.current import deps, version
from magnum_lite.api.versions import NODELESS
from magnum_lite.drivers.base import Feature
from magnum_lite.errors import InvalidField, NotSupported
from magnum_lite.model import Cluster, Nodegroup, resizing
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.model.states import Status, Verb
from magnum_lite.store.engine import Session


def check_nodeless(count: int | None) -> None:
    """Refuse a cluster without workers before the version that allows one (Magnum API 1.10)."""
    if count == 0 and version() < NODELESS:
        raise InvalidField("node_count", 0, f"it takes at least 1 before microversion {NODELESS}")


def accept(
    session: Session, cluster: Cluster, group: Nodegroup, count: int, *, verb: Verb, named: Sequence[str] = ()
) -> bool:
    """Write that a nodegroup shall have so many nodes, those named not among them; there is always work to do."""
    acceptance.check_feature(cluster, Feature.RESIZE)
    acceptance.check_status(cluster, verb)
    if group.role == MASTER:
        raise NotSupported(f"Nodegroup {group.name} holds the masters of cluster {cluster.name}: it keeps its size")
    resizing.check_bounds(group, count)
    deps().drivers.get(cluster.driver).check_size(cluster, group, count)
    before, now = group.node_count, deps().clock()
    leaving, coming = resizing.resize(cluster, group, count, named, now)
    acceptance.begin(
        session,
        cluster,
        verb,
        now=now,
        message=f"asked for {count} nodes in nodegroup {group.name}, which had {before}",
        wanted={
            "nodegroup": group.uuid,
            "node_count": count,
            "leaving": [node.name for node in leaving],
            "coming": [node.name for node in coming],
        },
        groups=[(group, Status.UPDATE_IN_PROGRESS)],
    )
    return True
