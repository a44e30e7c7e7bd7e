# SPDX-License-Identifier: Apache-2.0
"""Which certificates a node may have: everything else that it asks for is refused."""

from __future__ import annotations

from magnum_lite.drivers.k8s_fcos import addresses
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import LabelValues
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.nodeconf import CertificateRequest

KUBERNETES = "kubernetes"
ETCD = "etcd"
FRONT_PROXY = "front-proxy"
FOLDER = "/etc/kubernetes/pki"
LOOPBACK = "127.0.0.1"

# What clients inside pods call the API server by (Kubernetes documentation, "PKI certificates and requirements").
API_NAMES = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    f"kubernetes.default.svc.{addresses.DOMAIN}",
)


def authority_paths(node: Node) -> dict[str, str]:
    """Give the file of each authority that a node trusts."""
    known = (KUBERNETES, ETCD, FRONT_PROXY) if node.role == MASTER else (KUBERNETES,)
    return {authority: f"{FOLDER}/{authority}-ca.crt" for authority in known}


def requests(cluster: Cluster, node: Node, values: LabelValues) -> tuple[CertificateRequest, ...]:
    """Give a worker's one certificate, or a master's; raise ``DocumentNotReady`` while addresses are unknown."""
    if node.role != MASTER:
        return (_kubelet(node),)
    return (_kubelet(node), _apiserver(cluster, node, values), _etcd(node), *_clients())


def _kubelet(node: Node) -> CertificateRequest:
    return CertificateRequest(
        profile="kubelet",
        authority=KUBERNETES,
        path=f"{FOLDER}/kubelet",
        common_name=f"system:node:{node.name}",
        organization="system:nodes",
        dns=(node.name,),
        ips=(addresses.own(node),),
    )


def _apiserver(cluster: Cluster, node: Node, values: LabelValues) -> CertificateRequest:
    reached_at = (
        LOOPBACK,
        addresses.own(node),
        addresses.api_inside(cluster),
        addresses.api(cluster),
        addresses.first_service(values),
    )
    floating = (node.floating_address,) if node.floating_address else ()
    return CertificateRequest(
        profile="apiserver",
        authority=KUBERNETES,
        path=f"{FOLDER}/apiserver",
        common_name="kube-apiserver",
        dns=(*API_NAMES, "localhost", node.name),
        ips=tuple(dict.fromkeys((*reached_at, *floating))),
    )


def _etcd(node: Node) -> CertificateRequest:
    return CertificateRequest(
        profile="etcd",
        authority=ETCD,
        path=f"{FOLDER}/etcd",
        common_name=node.name,
        dns=("localhost", node.name),
        ips=(LOOPBACK, addresses.own(node)),
    )


def _clients() -> tuple[CertificateRequest, ...]:
    """Give the certificates with which a master's own parts are clients of one another."""
    return tuple(
        CertificateRequest(profile=profile, authority=authority, path=f"{FOLDER}/{profile}", common_name=name)
        for profile, authority, name in (
            ("apiserver-kubelet-client", KUBERNETES, "kube-apiserver-kubelet-client"),
            ("apiserver-etcd-client", ETCD, "kube-apiserver-etcd-client"),
            ("front-proxy-client", FRONT_PROXY, "front-proxy-client"),
            ("controller-manager", KUBERNETES, "system:kube-controller-manager"),
            ("scheduler", KUBERNETES, "system:kube-scheduler"),
        )
    )
