# SPDX-License-Identifier: Apache-2.0
"""The parts of Kubernetes that every node runs: each a unit, its variables and its configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from magnum_lite.drivers.k8s_fcos import (
    addresses,
    binaries,
    cloud_provider,
    container_runtime,
    node_files,
    node_marks,
    pod_network,
)
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.nodeconf import File, Unit

LOCAL = "127.0.0.1"

# What each unit serves once it is up; the names of those in TLS are in the certificates they serve with.
READY = {
    "etcd": "http://127.0.0.1:2381/health",
    "kube-apiserver": "https://127.0.0.1:6443/readyz",
    "kube-controller-manager": "https://127.0.0.1:10257/healthz",
    "kube-scheduler": "https://127.0.0.1:10259/healthz",
    "kubelet": "http://127.0.0.1:10248/healthz",
    "kube-proxy": "http://127.0.0.1:10256/healthz",
}


@dataclass(frozen=True)
class Part:
    """One component on a node; ``version`` is what is pinned for it."""

    name: str
    version: str
    unit: Unit
    files: tuple[File, ...]


def parts(place: Place) -> tuple[Part, ...]:
    """Give the parts that run on every node, in the order in which they start."""
    server = LOCAL if place.node.role == MASTER else addresses.api_inside(place.cluster)
    proxy = node_files.skeleton("kube-proxy", clusterCIDR=pod_network.pods(place.setup))
    return (
        _containerd(place),
        _kubelet(place, server),
        container(
            place,
            "kube-proxy",
            {"NAME": place.node.name},
            File("/etc/kubernetes/kube-proxy.json", json.dumps(proxy), node_files.SECRET),
            node_files.kubeconfig("kube-proxy", server),
        ),
    )


def container(place: Place, name: str, variables: Mapping[str, str], *files: File) -> Part:
    """Give a part that runs in a container of the release's image."""
    image = place.image(name)
    unit = Unit(f"{name}.service", node_files.unit(name), image=image, ready=READY[name])
    return Part(name, image, unit, (node_files.variables(name, {"IMAGE": image, **variables}), *files))


def _containerd(place: Place) -> Part:
    unit = Unit("containerd.service", node_files.unit("containerd"))
    return Part("containerd", binaries.version(place, "containerd"), unit, (container_runtime.configuration(place),))


def _kubelet(place: Place, server: str) -> Part:
    variables = {
        "NAME": place.node.name,
        "ADDRESS": addresses.own(place.node),
        "LABELS": node_marks.labels(place),
        "CLOUD_PROVIDER": cloud_provider.name(place),
    }
    settings = node_files.skeleton("kubelet", clusterDNS=[addresses.dns_service(place.values)])
    if place.node.role == MASTER:
        settings |= node_files.skeleton("kubelet-master")
    elif taints := node_marks.taints(place):
        settings["registerWithTaints"] = taints
    return Part(
        "kubelet",
        binaries.version(place, "kubelet"),
        Unit("kubelet.service", node_files.unit("kubelet"), ready=READY["kubelet"]),
        (
            node_files.variables("kubelet", variables),
            File("/etc/kubernetes/kubelet.json", json.dumps(settings), node_files.SECRET),
            node_files.kubeconfig("kubelet", server),
        ),
    )
