# SPDX-License-Identifier: Apache-2.0
"""Accepting the removal of a cluster."""

from __future__ import annotations

from magnum_lite.api.current import context, deps, requester
from magnum_lite.api.rules import Rule
from magnum_lite.model import Cluster
from magnum_lite.model.defaults import new_operation
from magnum_lite.model.states import Event, Status, Verb, after
from magnum_lite.store import clusters, events, operations
from magnum_lite.store.engine import Session


def request(ident: str, rule: Rule) -> str:
    """Write down that a cluster shall go, unless that is written already; give its UUID."""

    def work(session: Session) -> str:
        cluster = clusters.get(session, rule.scope(context()), ident)
        rule.check(context(), cluster)
        if not _is_going(session, cluster):
            _write(session, cluster)
        return cluster.uuid

    uuid: str = deps().store.transact(work)
    return uuid


def _is_going(session: Session, cluster: Cluster) -> bool:
    begun = operations.find_open(session, cluster.uuid)
    return begun is not None and begun.verb == Verb.DELETE


def _write(session: Session, cluster: Cluster) -> None:
    now, asker = deps().clock(), requester()
    operations.supersede(session, cluster.uuid, now)
    session.add(new_operation(cluster, Verb.DELETE, asker, now=now))
    cluster.status = after(Status(cluster.status), Verb.DELETE, Event.REQUESTED).value
    cluster.status_reason = None
    cluster.updated_at = now
    for group in cluster.nodegroups:
        group.status = cluster.status
        group.updated_at = now
    events.add(
        session,
        cluster.uuid,
        now=now,
        kind="cluster",
        resource=cluster.name,
        reason="delete-requested",
        message=f"user {asker.user_id} asked for the removal",
    )
