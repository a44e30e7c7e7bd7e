# SPDX-License-Identifier: Apache-2.0
"""Clusters written straight into a database, as they are when they have been built."""

from __future__ import annotations

import datetime
import uuid as uuids

from tenant import Login

from magnum_lite.model import Cluster
from magnum_lite.model.defaults import ClusterRequest, Requester, new_cluster
from magnum_lite.model.states import Health, NodeState, Status
from magnum_lite.store import templates
from magnum_lite.store.engine import Store

WORKERS = 2
# About as many as people give a cluster.
LABELS = {
    "kube_tag": "v1.35.8",
    "fixed_subnet_cidr": "10.0.0.0/24",
    "auto_scaling_enabled": "true",
    "min_node_count": "1",
    "max_node_count": "5",
}


def populate(store: Store, template: str, owner: Login, *, count: int, name: str) -> list[str]:
    """Write complete clusters of one master and two workers from a template, and give their UUIDs."""
    requester = Requester(owner.project_id, owner.user_id)
    now = datetime.datetime.now(datetime.UTC)
    with store.write() as session:
        source = templates.get(session, None, template)
        requests = [_request(f"{name}-{number}") for number in range(count)]
        clusters = [new_cluster(source, request, requester, now=now, release="v1.35.8") for request in requests]
        for cluster in clusters:
            _complete(cluster, now)
        session.add_all(clusters)
    return [cluster.uuid for cluster in clusters]


def _request(name: str) -> ClusterRequest:
    return ClusterRequest(name=name, node_count=WORKERS, keypair="my_keypair", labels=LABELS)


def _complete(cluster: Cluster, now: datetime.datetime) -> None:
    cluster.status, cluster.health_status = Status.CREATE_COMPLETE.value, Health.HEALTHY.value
    cluster.status_reason, cluster.updated_at = "Stack CREATE completed successfully", now
    cluster.stack_id, cluster.cluster_user_id = str(uuids.uuid4()), uuids.uuid4().hex
    cluster.api_address = cluster.internal_api_address = "https://10.0.0.5:6443"
    for group in cluster.nodegroups:
        group.status, group.stack_id, group.updated_at = cluster.status, cluster.stack_id, now
        for node in group.nodes:
            node.server_id, node.state = str(uuids.uuid4()), NodeState.READY.value
            node.address = f"10.0.0.{10 + node.index}"
