# SPDX-License-Identifier: Apache-2.0
"""Nodegroups and nodes that are added to a cluster."""

from __future__ import annotations

import datetime
import re
import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from magnum_lite.model.cluster import Cluster
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import WORKER, Nodegroup
from magnum_lite.model.states import NodeState, Status


@dataclass(frozen=True)
class NodegroupRequest:
    """What a user may say of a new nodegroup; ``None`` takes the cluster's value.

    ``labels`` replace the cluster's, or are merged into them with ``merge_labels``. A taint is an object of ``key``,
    ``effect`` and perhaps ``value``. Without ``max_node_count`` there is no upper bound.
    """

    name: str
    role: str = WORKER
    node_count: int = 1
    min_node_count: int = 0
    max_node_count: int | None = None
    flavor_id: str | None = None
    image_id: str | None = None
    docker_volume_size: int | None = None
    labels: Mapping[str, str] | None = None
    merge_labels: bool = False
    node_labels: Mapping[str, str] = field(default_factory=dict)
    node_taints: Sequence[Mapping[str, str]] = ()
    is_default: bool = False


def add_group(
    cluster: Cluster,
    request: NodegroupRequest,
    *,
    flavor_id: str | None,
    image_id: str,
    now: datetime.datetime,
) -> Nodegroup:
    """Add a nodegroup and its nodes to a cluster; what the request leaves open is as in the cluster."""
    size = request.docker_volume_size
    group = Nodegroup(
        uuid=str(uuids.uuid4()),
        cluster_uuid=cluster.uuid,
        project_id=cluster.project_id,
        name=request.name,
        role=request.role,
        is_default=request.is_default,
        node_count=0,
        min_node_count=request.min_node_count,
        max_node_count=request.max_node_count,
        next_index=0,
        flavor_id=flavor_id,
        image_id=image_id,
        docker_volume_size=cluster.docker_volume_size if size is None else size,
        labels=labels_of_group(cluster.labels, request),
        node_labels=dict(request.node_labels),
        node_taints=[dict(taint) for taint in request.node_taints],
        stack_id=None,
        status=Status.CREATE_IN_PROGRESS.value,
        status_reason=None,
        created_at=now,
        updated_at=None,
        nodes=[],
    )
    cluster.nodegroups.append(group)
    add_nodes(cluster, group, request.node_count, now)
    return group


def add_nodes(cluster: Cluster, group: Nodegroup, count: int, now: datetime.datetime) -> None:
    """Add so many nodes to a group, each with an index the group has never used."""
    for _ in range(count):
        index = group.next_index
        group.next_index += 1
        group.node_count += 1
        group.nodes.append(
            Node(
                uuid=str(uuids.uuid4()),
                cluster_uuid=cluster.uuid,
                nodegroup_uuid=group.uuid,
                nodegroup_name=group.name,
                role=group.role,
                index=index,
                name=node_name(cluster, group, index),
                generation=1,
                token_hash=None,
                release=cluster.coe_version,
                image_id=group.image_id,
                server_id=None,
                address=None,
                floating_address=None,
                state=NodeState.WANTED.value,
                message=None,
                phases=[],
                versions={},
                reported_generation=0,
                is_leaving=False,
                last_report_at=None,
                created_at=now,
            )
        )


def node_name(cluster: Cluster, group: Nodegroup, index: int) -> str:
    """Give the name of a server and Kubernetes node: a DNS label (RFC 1123) that no other node ever has.

    Names of groups may begin alike, and be used again when a group is gone, so the group's UUID has a part in it.
    With ``system:node:`` before it, it fits into the 64 characters of a certificate's common name.
    """
    of_group = _label(group.name, 16) if group.is_default else f"{_label(group.name, 9)}-{group.uuid[:6]}"
    return f"{_label(cluster.name, 16)}-{cluster.uuid[:8]}-{of_group}-{index}"


def _label(text: str, length: int) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:length].strip("-") or "x"


def labels_of_group(of_cluster: Mapping[str, str], request: NodegroupRequest) -> dict[str, str]:
    """Give the labels of a new nodegroup: the request's, the cluster's, or both merged."""
    return merged(of_cluster, request.labels, is_merged=request.merge_labels)


def merged(inherited: Mapping[str, str], given: Mapping[str, str] | None, *, is_merged: bool) -> dict[str, str]:
    """Give the labels of something new: the inherited ones, those given instead, or both with the latter on top."""
    # Clients send {} for "none given", and a cluster without its template's labels is what nobody meant.
    if not given:
        return dict(inherited)
    return {**(inherited if is_merged else {}), **given}
