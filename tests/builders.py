# SPDX-License-Identifier: Apache-2.0
"""Rows that are valid as they are; each field can be given."""

import datetime
import uuid as uuids
from typing import Any

from magnum_lite.model import Cluster, ClusterTemplate
from magnum_lite.model.defaults import ClusterRequest, Requester, new_cluster

NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
REQUESTER = Requester(project_id="demo-project", user_id="demo-user", request_id="req-1", roles=("member",))


def a_template(**given: Any) -> ClusterTemplate:
    values: dict[str, Any] = {
        "uuid": str(uuids.uuid4()),
        "project_id": REQUESTER.project_id,
        "user_id": REQUESTER.user_id,
        "name": "k8s-template",
        "coe": "kubernetes",
        "driver": "k8s_fcos",
        "cluster_distro": "fedora-coreos",
        "server_type": "vm",
        "image_id": "fedora-coreos",
        "flavor_id": "m1.small",
        "master_flavor_id": "m1.medium",
        "keypair_id": None,
        "external_network_id": "public",
        "fixed_network": None,
        "fixed_subnet": None,
        "dns_nameserver": "127.0.0.53",
        "network_driver": "calico",
        "volume_driver": None,
        "docker_volume_size": None,
        "docker_storage_driver": None,
        "apiserver_port": None,
        "http_proxy": None,
        "https_proxy": None,
        "no_proxy": None,
        "insecure_registry": None,
        "labels": {},
        "tags": None,
        "public": False,
        "hidden": False,
        "registry_enabled": False,
        "tls_disabled": False,
        "master_lb_enabled": True,
        "floating_ip_enabled": False,
        "created_at": NOW,
        "updated_at": None,
    }
    return ClusterTemplate(**{**values, **given})


def a_cluster(*, template: ClusterTemplate | None = None, requester: Requester = REQUESTER, **request: Any) -> Cluster:
    """A new cluster with its default nodegroups and nodes, made as the API makes it."""
    wanted = ClusterRequest(**{"name": "k8s", **request})
    return new_cluster(template or a_template(), wanted, requester, now=NOW)
