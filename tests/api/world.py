# SPDX-License-Identifier: Apache-2.0
"""A service in which something of everything exists, so that examples and random requests find what they name."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import Operation
from magnum_lite.model.states import NodeState, OperationState, Status
from magnum_lite.store import authorities, clusters, services
from tests.api.service import Service
from tests.fakes.conductor import AUTHORITY

NODE = "6f1b9a52-0c0e-4b9e-9d7e-0d3b0a6f0a11"
NODE_TOKEN = "a-token-of-its-own"
LABELS = {"kube_tag": "v1.35.4", "auto_healing_enabled": "true"}


def new_world(folder: Path) -> Service:
    """Give a service with the templates ``fcos`` and ``spare``, the cluster ``k8s`` and its worker ``NODE``."""
    service = Service(folder)
    service.conf.set_override("max_clusters_per_project", 10_000, group="quotas")
    service.template(name="spare", labels={"kube_tag": "v1.35.3"})
    cluster = service.cluster(service.template(labels=LABELS), keypair="my_keypair", labels={"kube_tag": "v1.35.3"})
    now = datetime.datetime.now(datetime.UTC)
    with service.store.write() as session:
        services.beat(session, "controller", "magnum-conductor", now)
        authorities.put(session, cluster, dict.fromkeys(("kubernetes", "etcd", "front-proxy"), AUTHORITY), now)
        _complete(session, now)
    return service


def _complete(session: Session, now: datetime.datetime) -> None:
    """Make the only cluster look as it does when a conductor is through with it."""
    cluster = clusters.get(session, None, "k8s")
    cluster.status = Status.CREATE_COMPLETE.value
    cluster.stack_id = "1c3b5f0e-7a52-4c0e-8b9e-9d7e0d3b0a6f"
    cluster.api_address = "https://192.0.2.10:6443"
    cluster.health_status = "HEALTHY"
    cluster.health_status_reason = {"api": "ok"}
    for group in cluster.nodegroups:
        group.status = cluster.status
        group.stack_id = cluster.stack_id
    operation = session.scalars(sa.select(Operation)).one()
    operation.state, operation.finished_at = OperationState.COMPLETE.value, now
    for address, node in enumerate([*cluster.masters, *cluster.workers], start=5):
        node.state, node.last_report_at = NodeState.READY.value, now
        node.address, node.floating_address = f"10.0.0.{address}", f"192.0.2.{address}"
        node.versions = {"kubelet": "v1.35.3"}
    node.uuid = NODE
    node.token_hash = hashlib.sha256(NODE_TOKEN.encode()).hexdigest()
