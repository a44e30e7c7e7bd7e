# SPDX-License-Identifier: Apache-2.0
"""The parts of Kubernetes on a node: each a unit, its variables and its configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos import addresses, environment, labels
from magnum_lite.drivers.k8s_fcos.certificates import FOLDER
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import DocumentNotReady
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.nodeconf import File, Unit

NODE = Path(__file__).parent / "node"
SECRET = 0o600
LOCAL = "127.0.0.1"
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?", re.ASCII)

# What each unit serves once it is up.
READY = {
    "etcd": "http://127.0.0.1:2381/readyz",
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


def masters(place: Place) -> tuple[Part, ...]:
    """Give the control plane's parts in the order in which they start."""
    cluster, values, own = place.cluster, place.values, addresses.own(place.node)
    services, pods = values[labels.SERVICE_CLUSTER_IP_RANGE], values[labels.CALICO_IPV4POOL]
    members = ",".join(f"{name}=https://{address}:2380" for name, address in addresses.masters(cluster).items())
    return (
        _container(
            place, "etcd", {"NAME": place.node.name, "ADDRESS": own, "MEMBERS": members, "CLUSTER": cluster.uuid}
        ),
        _container(place, "kube-apiserver", {"ADDRESS": own, "SERVICES": services}),
        _container(
            place,
            "kube-controller-manager",
            {"CLUSTER": cluster.uuid, "PODS": pods, "SERVICES": services},
            _kubeconfig("controller-manager", LOCAL),
        ),
        _container(place, "kube-scheduler", {}, _kubeconfig("scheduler", LOCAL)),
    )


def nodes(place: Place) -> tuple[Part, ...]:
    """Give the parts that run on every node, in the order in which they start."""
    server = LOCAL if place.node.role == MASTER else addresses.api_inside(place.cluster)
    proxy = _skeleton("kube-proxy", clusterCIDR=place.values[labels.CALICO_IPV4POOL])
    return (
        _kubelet(place, server),
        _container(
            place, "kube-proxy", {"NAME": place.node.name}, File("/etc/kubernetes/kube-proxy.json", json.dumps(proxy))
        ),
    )


def keys(secrets: NodeSecrets) -> tuple[File, ...]:
    """Give the keys that only masters hold; raise ``DocumentNotReady`` before they are made."""
    if secrets.service_account_key is None or secrets.encryption_key is None:
        raise DocumentNotReady("the keys of the control plane have not been made yet")
    encryption = _skeleton("encryption")
    key = {"secretbox": {"keys": [{"name": "first", "secret": secrets.encryption_key}]}}
    encryption["resources"][0]["providers"].insert(0, key)
    return (
        File(f"{FOLDER}/service-account.key", secrets.service_account_key, SECRET),
        File("/etc/kubernetes/encryption.json", json.dumps(encryption), SECRET),
    )


def _kubelet(place: Place, server: str) -> Part:
    binaries = place.release.binaries["kubelet"]
    variables = {
        "NAME": place.node.name,
        "ADDRESS": addresses.own(place.node),
        "LABELS": ",".join(f"{name}={value}" for name, value in _node_labels(place.node).items()),
        "PAUSE_IMAGE": place.image("pause"),
    }
    for machine, binary in binaries.items():
        source = place.source(binary)
        variables[f"URL_{machine.upper()}"] = source.url
        variables[f"SHA256_{machine.upper()}"] = source.sha256
    settings = _skeleton(
        "kubelet", clusterDNS=[addresses.dns_service(place.values)], registerWithTaints=_taints(place.node)
    )
    return Part(
        "kubelet",
        place.release.tag,
        Unit("kubelet.service", _unit("kubelet"), ready=READY["kubelet"]),
        (
            _variables("kubelet", variables),
            File("/etc/kubernetes/kubelet.json", json.dumps(settings)),
            _kubeconfig("kubelet", server),
        ),
    )


def _node_labels(node: Node) -> Mapping[str, str]:
    """Give the labels a kubelet may set on its own node; a name that is no label value is left out."""
    wanted = {"magnum.openstack.org/role": node.role, "magnum.openstack.org/nodegroup": node.nodegroup_name}
    return {name: value for name, value in wanted.items() if LABEL_VALUE.fullmatch(value)}


def _taints(node: Node) -> list[dict[str, str]]:
    if node.role != MASTER:
        return []
    return [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]


def _container(place: Place, name: str, variables: Mapping[str, str], *files: File) -> Part:
    image = place.image(name)
    unit = Unit(f"{name}.service", _unit(name), image=image, ready=READY[name])
    return Part(name, image, unit, (_variables(name, {"IMAGE": image, **variables}), *files))


def _variables(name: str, values: Mapping[str, str]) -> File:
    return File(f"/etc/magnum-lite/env/{name}", environment.render(values))


def _kubeconfig(name: str, server: str) -> File:
    """Give the file by which a part on this node reaches the API server, as the owner of its certificate."""
    found = _skeleton("kubeconfig")
    found["clusters"][0]["cluster"]["server"] = addresses.url(server)
    found["users"][0]["user"] = {"client-certificate": f"{FOLDER}/{name}.crt", "client-key": f"{FOLDER}/{name}.key"}
    return File(f"/etc/kubernetes/{name}.kubeconfig", json.dumps(found), SECRET)


def _unit(name: str) -> str:
    folder = "master" if (NODE / "units" / "master" / f"{name}.service").exists() else "node"
    return (NODE / "units" / folder / f"{name}.service").read_text()


def _skeleton(name: str, **values: object) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((NODE / "config" / f"{name}.yaml").read_text())
    return {**found, **values}
