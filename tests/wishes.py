# SPDX-License-Identifier: Apache-2.0
"""What the API writes into a cluster's rows for each change."""

from __future__ import annotations

import datetime
import uuid as uuids
from typing import Protocol

from magnum_lite.model import Cluster, Nodegroup
from magnum_lite.model.defaults import new_operation
from magnum_lite.model.growth import add_nodes
from magnum_lite.model.nodegroup import DEFAULT_WORKER
from magnum_lite.model.states import Event, Status, Verb, after
from magnum_lite.store import clusters, operations
from magnum_lite.store.engine import Store
from tests.builders import NOW, REQUESTER


class Wish(Protocol):
    def __call__(self, cluster: Cluster, now: datetime.datetime = NOW, /) -> None:
        """Write the wish into a cluster's rows."""


def accept(
    store: Store, uuid: str, verb: Verb, wish: Wish, *, now: datetime.datetime, minutes: int | None = 60
) -> None:
    """Write what the API writes for a change: the wish into the rows, and an operation in place of an open one."""
    with store.write() as session:
        operations.supersede(session, uuid, now)
        cluster = clusters.get(session, None, uuid)
        session.add(new_operation(cluster, verb, REQUESTER, now=now, minutes=minutes))
        cluster.status = after(Status(cluster.status), verb, Event.REQUESTED).value
        cluster.status_reason = None
        wish(cluster, now)


def several(*wishes: Wish) -> Wish:
    """All of these at once."""

    def write(cluster: Cluster, now: datetime.datetime = NOW, /) -> None:
        for wish in wishes:
            wish(cluster, now)

    return write


def group_of(cluster: Cluster, name: str = DEFAULT_WORKER) -> Nodegroup:
    return next(group for group in cluster.nodegroups if group.name == name)


def resize(*, more: int = 0, without: tuple[int, ...] = (), group: str = DEFAULT_WORKER) -> Wish:
    """So many more nodes in a group, and none of those with these indices."""

    def write(cluster: Cluster, now: datetime.datetime = NOW, /) -> None:
        found = group_of(cluster, group)
        add_nodes(cluster, found, more, now)
        for node in found.nodes:
            if node.index in without and not node.is_leaving:
                node.is_leaving = True
                found.node_count -= 1
        found.status, found.status_reason = Status.UPDATE_IN_PROGRESS.value, None

    return write


def new_group(name: str, count: int) -> Wish:
    def write(cluster: Cluster, now: datetime.datetime = NOW, /) -> None:
        made = Nodegroup(
            uuid=str(uuids.uuid4()),
            cluster_uuid=cluster.uuid,
            project_id=cluster.project_id,
            name=name,
            role="storage",
            is_default=False,
            node_count=0,
            min_node_count=0,
            max_node_count=None,
            next_index=0,
            flavor_id="m1.small",
            image_id="fedora-coreos",
            docker_volume_size=None,
            labels=dict(cluster.labels),
            node_labels={},
            node_taints=[],
            stack_id=None,
            status=Status.CREATE_IN_PROGRESS.value,
            status_reason=None,
            created_at=now,
            updated_at=None,
            nodes=[],
        )
        cluster.nodegroups.append(made)
        add_nodes(cluster, made, count, now)

    return write


def change_group(name: str, most: int) -> Wish:
    def write(cluster: Cluster, now: datetime.datetime = NOW, /) -> None:
        found = group_of(cluster, name)
        found.max_node_count, found.status = most, Status.UPDATE_IN_PROGRESS.value

    return write


def delete_group(name: str) -> Wish:
    def write(cluster: Cluster, now: datetime.datetime = NOW, /) -> None:
        found = group_of(cluster, name)
        found.status, found.node_count = Status.DELETE_IN_PROGRESS.value, 0
        for node in found.nodes:
            node.is_leaving = True

    return write


def forget_leavers(cluster: Cluster) -> None:
    """Take out the rows that a conductor removes at the end."""
    cluster.nodegroups[:] = [group for group in cluster.nodegroups if not group.is_leaving]
    for group in cluster.nodegroups:
        group.nodes[:] = [node for node in group.nodes if not node.is_leaving]
