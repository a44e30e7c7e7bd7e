# SPDX-License-Identifier: Apache-2.0
"""Where things are reached in a cluster."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from magnum_lite.drivers.k8s_fcos import labels
from magnum_lite.errors import DocumentNotReady
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import LabelValues
from magnum_lite.model.node import Node

API_PORT = 6443
DOMAIN = "cluster.local"


def own(node: Node) -> str:
    """Give a node's address; raise ``DocumentNotReady`` before it has one."""
    if not node.address:
        raise DocumentNotReady(f"node {node.name} has no address yet")
    return node.address


def masters(cluster: Cluster) -> dict[str, str]:
    """Give every master's address by its name, ordered by index; raise ``DocumentNotReady`` before all have one."""
    return {node.name: own(node) for node in cluster.masters}


def api(cluster: Cluster) -> str:
    """Give the host of the URL that users reach the API server at."""
    if not cluster.api_address:
        raise DocumentNotReady(f"cluster {cluster.name} has no API address yet")
    return urlsplit(cluster.api_address).hostname or cluster.api_address


def api_inside(cluster: Cluster) -> str:
    """Give the host that nodes reach the API server at: the load balancer's, or else the first master's."""
    if not cluster.master_lb_enabled:
        return own(cluster.masters[0])
    if not cluster.internal_api_address:
        raise DocumentNotReady(f"the load balancer of cluster {cluster.name} has no address yet")
    return urlsplit(cluster.internal_api_address).hostname or cluster.internal_api_address


def url(host: str) -> str:
    return f"https://{host}:{API_PORT}"


def first_service(values: LabelValues) -> str:
    """Give the address of the service ``kubernetes``: the first of the range, as the API server takes it."""
    return str(_services(values)[1])


def dns_service(values: LabelValues) -> str:
    """Give the address of the cluster's DNS: the tenth of the range."""
    return str(_services(values)[10])


def _services(values: LabelValues) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(values[labels.SERVICE_CLUSTER_IP_RANGE])
