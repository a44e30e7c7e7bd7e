# SPDX-License-Identifier: Apache-2.0
"""Which certificates a node may have: everything else that it asks for is refused."""

from __future__ import annotations

from magnum_lite.drivers.k8s_fcos import addresses, authentication
from magnum_lite.drivers.k8s_fcos.addons import serving
from magnum_lite.drivers.k8s_fcos.node_files import PKI
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.nodeconf import CertificateRequest

KUBERNETES = "kubernetes"
ETCD = "etcd"
FRONT_PROXY = "front-proxy"
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
    return {authority: f"{PKI}/{authority}-ca.crt" for authority in known}


def requests(place: Place) -> tuple[CertificateRequest, ...]:
    """Give a worker's certificates, or a master's; raise ``DocumentNotReady`` while addresses are unknown."""
    node, found = place.node, [_kubelet(place.node), _client("kube-proxy", KUBERNETES, "system:kube-proxy")]
    found += serving.requests(place)
    if node.role != MASTER:
        return tuple(found)
    found += [_apiserver(place), _etcd(node), *_clients(), *_loopback_servers()]
    if authentication.runs_keystone(place):
        found.append(_on_loopback("keystone-auth", "k8s-keystone-auth"))
    if is_first(place):
        found.append(_client("addons", KUBERNETES, "magnum-lite-addons", organization="system:masters"))
    return tuple(found)


def is_first(place: Place) -> bool:
    """Tell whether this is the master that looks after the addons."""
    return place.cluster.masters[0].uuid == place.node.uuid


def _kubelet(node: Node) -> CertificateRequest:
    return CertificateRequest(
        profile="kubelet",
        authority=KUBERNETES,
        path=f"{PKI}/kubelet",
        common_name=f"system:node:{node.name}",
        organization="system:nodes",
        dns=(node.name,),
        ips=(addresses.own(node),),
    )


def _apiserver(place: Place) -> CertificateRequest:
    node = place.node
    reached_at = (
        LOOPBACK,
        addresses.own(node),
        addresses.api_inside(place.cluster),
        addresses.api(place.cluster),
        addresses.first_service(place.values),
    )
    floating = (node.floating_address,) if node.floating_address else ()
    return CertificateRequest(
        profile="apiserver",
        authority=KUBERNETES,
        path=f"{PKI}/apiserver",
        common_name="kube-apiserver",
        dns=(*API_NAMES, "localhost", node.name),
        ips=tuple(dict.fromkeys((*reached_at, *floating))),
    )


def _etcd(node: Node) -> CertificateRequest:
    return CertificateRequest(
        profile="etcd",
        authority=ETCD,
        path=f"{PKI}/etcd",
        common_name=node.name,
        dns=("localhost", node.name),
        ips=(LOOPBACK, addresses.own(node)),
    )


def _clients() -> tuple[CertificateRequest, ...]:
    """Give the certificates with which the API server is a client of others."""
    return (
        _client("apiserver-kubelet-client", KUBERNETES, "kube-apiserver-kubelet-client"),
        _client("apiserver-etcd-client", ETCD, "kube-apiserver-etcd-client"),
        _client("front-proxy-client", FRONT_PROXY, "front-proxy-client"),
    )


def _loopback_servers() -> tuple[CertificateRequest, ...]:
    """Give those with which parts are clients of the API server and serve their own state to this node."""
    return (
        _on_loopback("controller-manager", "system:kube-controller-manager"),
        _on_loopback("scheduler", "system:kube-scheduler"),
    )


def _client(profile: str, authority: str, name: str, organization: str | None = None) -> CertificateRequest:
    return CertificateRequest(profile, authority, f"{PKI}/{profile}", name, organization)


def _on_loopback(profile: str, name: str) -> CertificateRequest:
    return CertificateRequest(
        profile=profile,
        authority=KUBERNETES,
        path=f"{PKI}/{profile}",
        common_name=name,
        dns=("localhost",),
        ips=(LOOPBACK,),
    )
