# SPDX-License-Identifier: Apache-2.0
"""Accepting a change of a cluster: whether it may begin now, and the rows that make sure it will."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from magnum_lite.api.current import context, deps, requester
from magnum_lite.api.rules import Rule
from magnum_lite.api.v1.clusters_views import ClusterID
from magnum_lite.drivers.base import Feature
from magnum_lite.errors import Conflict, NotSupported
from magnum_lite.model import Cluster, Nodegroup
from magnum_lite.model.defaults import new_operation
from magnum_lite.model.states import TRANSITIONS, Event, Status, Verb, after
from magnum_lite.store import clusters, events, operations
from magnum_lite.store.engine import Session

Change = Callable[[Session, Cluster], bool]


def transact(ident: str, change: Change, rule: Rule, *others: Rule) -> Cluster:
    """Change a cluster's rows in one transaction, in which nobody else changes them.

    The requester must pass one of the rules; which of them a change needs is checked by ``change``, which also says
    whether there is work for a conductor, who then is told. Raises ``NotFound`` for a cluster the requester may not
    know of, ``Forbidden``, and what ``change`` raises.
    """

    asker = context()
    scope = None if any(one.reaches_all(asker) for one in (rule, *others)) else asker.project_id

    def work(session: Session) -> tuple[Cluster, bool]:
        cluster = clusters.get_locked(session, scope, ident)
        if not any(one.allows(asker, cluster) for one in others):
            rule.check(asker, cluster)
        return cluster, change(session, cluster)

    cluster, is_work = deps().store.transact(work)
    if is_work:
        deps().conductor.nudge(cluster.uuid)
    return cluster


def check_feature(cluster: Cluster, feature: Feature) -> None:
    """Raise ``NotSupported`` when the cluster's driver cannot do this."""
    if feature not in deps().drivers.get(cluster.driver).features:
        raise NotSupported(f"Cluster {cluster.name} cannot {feature}: its driver {cluster.driver} does not do that")


def check_status(cluster: Cluster, verb: Verb) -> None:
    """Raise ``Conflict`` when the cluster is in a status in which this cannot be asked for."""
    if (Status(cluster.status), verb, Event.REQUESTED) in TRANSITIONS:
        return
    allowed = [str(status) for status in Status if (status, verb, Event.REQUESTED) in TRANSITIONS]
    raise Conflict(f"Cluster {cluster.name} is {cluster.status}; {verb} needs it to be {' or '.join(allowed)}")


def begin(
    session: Session,
    cluster: Cluster,
    verb: Verb,
    *,
    now: datetime.datetime,
    message: str,
    wanted: Mapping[str, Any] | None = None,
    groups: Iterable[tuple[Nodegroup, Status]] = (),
) -> None:
    """Write that an operation begins: its row, the new statuses, an event. Raises ``Conflict`` as ``check_status``.

    It takes the place of an operation that is still open: the rows say all that is wanted, and the newest operation's
    plan brings all of it about. New nodes must be of the same moment, ``now``. A change has the time that the cluster
    was given to be made; a removal never fails for want of time.
    """
    check_status(cluster, verb)
    asker = requester()
    minutes = None if verb is Verb.DELETE else cluster.create_timeout
    operations.supersede(session, cluster.uuid, now)
    session.add(new_operation(cluster, verb, asker, now=now, minutes=minutes, wanted=wanted or {}))
    cluster.status = after(Status(cluster.status), verb, Event.REQUESTED).value
    cluster.status_reason = None
    cluster.updated_at = now
    for group, status in groups:
        group.status, group.status_reason, group.updated_at = status.value, None, now
    events.add(
        session,
        cluster.uuid,
        now=now,
        kind="cluster",
        resource=cluster.name,
        reason=f"{verb}-requested",
        message=f"user {asker.user_id} {message}",
    )


def accept_rotation(ident: str, rule: Rule, verb: Verb, feature: Feature) -> ClusterID:
    """Accept that every node of a cluster is given something new."""

    def change(session: Session, cluster: Cluster) -> bool:
        check_feature(cluster, feature)
        begin(session, cluster, verb, now=deps().clock(), message=f"asked that it {feature}")
        return True

    return ClusterID(uuid=transact(ident, change, rule).uuid)
