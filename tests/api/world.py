# SPDX-License-Identifier: Apache-2.0
"""A service in which something of everything exists, so that examples and random requests find what they name."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import sqlalchemy as sa

from magnum_lite.model import Node
from magnum_lite.model.states import Health
from magnum_lite.store import clusters, quotas, services
from tests.api.service import Service

NODE = "6f1b9a52-0c0e-4b9e-9d7e-0d3b0a6f0a11"
NODE_TOKEN = "a-token-of-its-own"
OLDER, NEWER = "v1.35.3", "v1.35.4"


def new_world(folder: Path) -> Service:
    """Give a service with templates, a cluster ``k8s`` of ``fcos`` with a nodegroup ``gpu``, and a quota.

    ``spare`` is a template that no cluster uses, ``newer`` one that ``k8s`` can be upgraded to, ``NODE`` a worker.
    """
    service = Service(folder)
    service.template(name="spare", labels={"kube_tag": OLDER})
    service.template(name="newer", labels={"kube_tag": NEWER})
    template = service.template(labels={"kube_tag": NEWER, "auto_healing_enabled": "true"})
    cluster = service.finished(template, keypair="my_keypair", labels={"kube_tag": OLDER})
    group = {"name": "gpu", "max_node_count": 5, "node_taints": [{"key": "gpu", "effect": "NoSchedule"}]}
    answer = service.call("POST", f"/v1/clusters/{cluster}/nodegroups", group, version="1.14")
    assert answer.status_code == 202, answer.text
    service.finish(cluster)
    _look_alive(service, cluster)
    return service


def _look_alive(service: Service, uuid: str) -> None:
    """Write what conductors and nodes tell, and a quota that random requests do not fill."""
    now = datetime.datetime.now(datetime.UTC)
    with service.store.write() as session:
        services.beat(session, "controller", "magnum-conductor", now)
        quotas.add(session, "demo-project", "Cluster", 10_000, now)
        cluster = clusters.get(session, None, uuid)
        cluster.health_status, cluster.health_status_reason = Health.HEALTHY.value, {"api": "ok"}
        for node in [*cluster.masters, *cluster.workers]:
            node.versions, node.last_report_at = {"kubelet": OLDER}, now
        worker = session.scalars(sa.select(Node).where(Node.nodegroup_name == "default-worker")).one()
        worker.uuid = NODE
        worker.token_hash = hashlib.sha256(NODE_TOKEN.encode()).hexdigest()
