# SPDX-License-Identifier: Apache-2.0
"""What a new cluster looks like, made from its template and the request."""

from __future__ import annotations

import datetime
import re
import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from magnum_lite.model.cluster import Cluster, Grant
from magnum_lite.model.growth import NodegroupRequest, add_group, merged
from magnum_lite.model.nodegroup import DEFAULT_MASTER, DEFAULT_WORKER, MASTER
from magnum_lite.model.operation import Operation
from magnum_lite.model.states import OperationState, Status, Verb
from magnum_lite.model.template import ClusterTemplate


@dataclass(frozen=True)
class ClusterRequest:
    """What a user may say of a new cluster; ``None`` takes the template's value or Magnum's default.

    ``create_timeout`` is in minutes; ``ssh_public_key`` is the public half of the keypair, looked up by the caller.
    ``labels`` replace the template's, or are merged into them with ``merge_labels``.
    """

    name: str
    node_count: int = 1
    master_count: int = 1
    keypair: str | None = None
    ssh_public_key: str | None = None
    create_timeout: int = 60
    discovery_url: str | None = None
    docker_volume_size: int | None = None
    labels: Mapping[str, str] | None = None
    merge_labels: bool = False
    flavor_id: str | None = None
    master_flavor_id: str | None = None
    fixed_network: str | None = None
    fixed_subnet: str | None = None
    floating_ip_enabled: bool | None = None
    master_lb_enabled: bool | None = None


@dataclass(frozen=True)
class Requester:
    """Who asks: ``roles`` are those the cluster's own user shall be given."""

    project_id: str
    user_id: str
    request_id: str | None = None
    roles: Sequence[str] = field(default_factory=tuple)


def labels_of(template: ClusterTemplate, request: ClusterRequest) -> dict[str, str]:
    """Give the labels of a new cluster: the request's, the template's, or both merged."""
    return merged(template.labels, request.labels, is_merged=request.merge_labels)


# What a cluster takes from its template as it is, and what the request may say otherwise.
FROM_TEMPLATE = (
    "driver",
    "external_network_id",
    "dns_nameserver",
    "network_driver",
    "volume_driver",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "insecure_registry",
)
FROM_EITHER = (
    "docker_volume_size",
    "flavor_id",
    "master_flavor_id",
    "fixed_network",
    "fixed_subnet",
    "floating_ip_enabled",
    "master_lb_enabled",
)


def chosen(template: ClusterTemplate, request: ClusterRequest, name: str) -> Any:
    """Give what the request says of a field, or else what the template says."""
    given = getattr(request, name)
    return getattr(template, name) if given is None else given


def new_cluster(
    template: ClusterTemplate,
    request: ClusterRequest,
    requester: Requester,
    *,
    now: datetime.datetime,
    release: str | None = None,
) -> Cluster:
    """Make the rows of a new cluster: itself, its two default nodegroups and their nodes of this release."""
    cluster = Cluster(
        uuid=str(uuids.uuid4()),
        project_id=requester.project_id,
        user_id=requester.user_id,
        roles=list(requester.roles),
        name=request.name,
        cluster_template_id=template.uuid,
        keypair=request.keypair or template.keypair_id,
        ssh_public_key=request.ssh_public_key,
        labels=labels_of(template, request),
        template_labels=dict(template.labels),
        create_timeout=request.create_timeout,
        discovery_url=request.discovery_url,
        coe_version=release,
        created_at=now,
        **{name: getattr(template, name) for name in FROM_TEMPLATE},
        **{name: chosen(template, request, name) for name in FROM_EITHER},
        **_unknown_yet(),
    )
    masters = NodegroupRequest(
        DEFAULT_MASTER, role=MASTER, node_count=request.master_count, min_node_count=1, is_default=True
    )
    workers = NodegroupRequest(
        DEFAULT_WORKER,
        node_count=request.node_count,
        min_node_count=_number(cluster.labels.get("min_node_count")) or 0,
        max_node_count=_number(cluster.labels.get("max_node_count")),
        is_default=True,
    )
    add_group(cluster, masters, flavor_id=cluster.master_flavor_id, image_id=template.image_id, now=now)
    add_group(cluster, workers, flavor_id=cluster.flavor_id, image_id=template.image_id, now=now)
    return cluster


def _unknown_yet() -> dict[str, Any]:
    """Give the columns of a cluster that are filled while it is built."""
    empty = ("status_reason", "health_status", "stack_id", "api_address", "internal_api_address")
    return {
        **dict.fromkeys((*empty, "cluster_user_id", "trust_id", "updated_at")),
        "generation": 1,
        "grant_kind": Grant.ROLE.value,
        "status": Status.CREATE_IN_PROGRESS.value,
        "health_status_reason": {},
        "nodegroups": [],
    }


def _number(label: str | None) -> int | None:
    """Read a label that bounds the number of workers; where a driver declares it, it was checked before."""
    return int(label) if label is not None and re.fullmatch(r"[0-9]{1,9}", label.strip()) else None


def new_operation(
    cluster: Cluster,
    verb: Verb,
    requester: Requester,
    *,
    now: datetime.datetime,
    minutes: int | None = None,
    wanted: Mapping[str, Any] | None = None,
) -> Operation:
    """Make the row of an accepted request; without ``minutes`` it never fails for want of time."""
    return Operation(
        uuid=str(uuids.uuid4()),
        cluster_uuid=cluster.uuid,
        project_id=requester.project_id,
        user_id=requester.user_id,
        request_id=requester.request_id,
        verb=verb.value,
        wanted=dict(wanted or {}),
        state=OperationState.PENDING.value,
        step=None,
        progress=None,
        attempts=0,
        error_code=None,
        message=None,
        look_at=now,
        deadline=None if minutes is None else now + datetime.timedelta(minutes=minutes),
        started_at=now,
        finished_at=None,
    )
