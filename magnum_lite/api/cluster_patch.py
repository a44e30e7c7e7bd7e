# SPDX-License-Identifier: Apache-2.0
"""Changing a cluster by a JSON patch: the number of its default workers, and what is said of its health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from magnum_lite.api import patch, sizing, wire
from magnum_lite.api.current import context, deps, warn
from magnum_lite.api.rules import Rule
from magnum_lite.api.v1.clusters_views import ClusterChange, document_of
from magnum_lite.api.v1.patch_views import PatchOperation
from magnum_lite.errors import BadRequest
from magnum_lite.model import Cluster
from magnum_lite.model.states import Verb
from magnum_lite.store import events
from magnum_lite.store.engine import Session

NODE_COUNT = "node_count"
HEALTH = ("health_status", "health_status_reason")


def apply(
    session: Session, cluster: Cluster, operations: Sequence[PatchOperation], *, size: Rule, health: Rule
) -> bool:
    """Do what a patch asks for and say whether that leaves work to do; ``size`` and ``health`` are who may do it.

    Raises ``BadRequest`` when anything else would be different afterwards.
    """
    named = {operation.field for operation in operations}
    if named & set(HEALTH):
        health.check(context(), cluster)
    if named - set(HEALTH):
        size.check(context(), cluster)
    before = document_of(cluster)
    wanted = patch.apply(before, operations, kept=())
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    _check(changed)
    # A number of nodes that is the shown one is looked at all the same: it may be another one of the default workers.
    counted = {NODE_COUNT: wanted[NODE_COUNT]} if NODE_COUNT in named else {}
    change = wire.read(ClusterChange, changed | counted).to_values()
    if set(HEALTH) & changed.keys():
        _report(session, cluster, change)
    if not counted:
        return False
    return _resize(session, cluster, change[NODE_COUNT], shown=before[NODE_COUNT])


def _check(changed: Mapping[str, Any]) -> None:
    fixed = sorted(changed.keys() - {NODE_COUNT, *HEALTH})
    if fixed:
        allowed = ", ".join((NODE_COUNT, *HEALTH))
        raise BadRequest(f"Cannot change {', '.join(fixed)} of a cluster: only {allowed} can be changed")


def _resize(session: Session, cluster: Cluster, count: int, *, shown: int) -> bool:
    """Give the default workers their number.

    The number a cluster shows is that of all its workers. A client that sends it back changes nothing, and is told so
    where somebody could have meant the default workers.
    """
    group = cluster.default_workers
    sizing.check_nodeless(count)
    if count == group.node_count:
        return False
    if count == shown:
        warn(f"node_count {count} is that of all workers: use the action resize to give it to {group.name} alone")
        return False
    return sizing.accept(session, cluster, group, count, verb=Verb.UPDATE)


def _report(session: Session, cluster: Cluster, change: Mapping[str, Any]) -> None:
    """Keep what is said of the cluster's health; only another verdict is an event."""
    verdict = change.get("health_status", cluster.health_status)
    if verdict != cluster.health_status:
        events.add(
            session,
            cluster.uuid,
            now=deps().clock(),
            kind="health",
            resource=cluster.name,
            reason="health-changed",
            message=f"user {context().user_id} reports {verdict}, after {cluster.health_status}",
        )
    cluster.health_status = verdict
    cluster.health_status_reason = change.get("health_status_reason", cluster.health_status_reason)
    cluster.updated_at = deps().clock()
