# SPDX-License-Identifier: Apache-2.0
"""The parameters of a cluster's stack, from its rows, its labels and what the world gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from magnum_lite.drivers.base import Material
from magnum_lite.drivers.k8s_fcos import all_labels, boot, labels, pod_network
from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.drivers.k8s_fcos.place import Setup, setup_of
from magnum_lite.heat import ignition
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import LabelValues
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import MASTER, Nodegroup
from magnum_lite.nodeconf import NodeFile

DEFAULT_MINUTES = 60
# Heat lets a wait condition wait for twelve hours at most.
MOST_SECONDS = 12 * 60 * 60


def minutes(cluster: Cluster) -> int:
    """Give the time a stack has to come up; Magnum takes 0 for its default."""
    return cluster.create_timeout or DEFAULT_MINUTES


def parameters(cluster: Cluster, workers: Sequence[Node], values: LabelValues, material: Material) -> dict[str, object]:
    return {
        "settings": _settings(cluster, values, material),
        "masters": {str(node.index): _node(node, material) for node in cluster.masters},
        "workers": {str(node.index): _node(node, material) for node in workers},
        "members": members([*cluster.masters, *workers]),
    }


def of_group(cluster: Cluster, group: Nodegroup, place: Mapping[str, object], material: Material) -> dict[str, object]:
    """Give the parameters of a further nodegroup's stack; its own labels say what its servers are like."""
    own, workers = all_labels.LABELS.parse(group.labels), nodes_of(cluster, group)
    settings = {
        "network": {"external": material.external_network or ""},
        "floating_ips": cluster.floating_ip_enabled,
        "affinity": own[labels.NODES_AFFINITY_POLICY],
        "availability_zone": own[labels.AVAILABILITY_ZONE],
        "ignition": ignition.packed(boot.config(cluster, all_labels.LABELS.parse(cluster.labels), material)),
        "worker": _group(group, own),
    }
    return {
        "settings": settings,
        "workers": {str(node.index): _node(node, material) for node in workers},
        "place": dict(place),
        "members": members(workers),
    }


def members(nodes: Sequence[Node]) -> str:
    """Give a digest of the servers that a stack shall have, to be kept in the stack itself.

    The stack was told of these members if it has this digest. It says nothing of what a server boots with: that
    changes no server that is there.
    """
    wanted = [(node.role, node.index, node.name, node.image_id) for node in nodes]
    return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()


def default_workers(cluster: Cluster) -> list[Node]:
    """Give the workers that are part of the cluster's own stack, ordered by index."""
    return nodes_of(cluster, _default(cluster, master=False))


def nodes_of(cluster: Cluster, group: Nodegroup) -> list[Node]:
    """Give the nodes there shall be of a group, ordered by index."""
    return [node for node in cluster.nodes if node.nodegroup_uuid == group.uuid]


def _node(node: Node, material: Material) -> dict[str, str]:
    laid = NodeFile(node=node.uuid, name=node.name, token=material.node_tokens[node.uuid])
    return {"name": node.name, "image": node.image_id, "file": ignition.data_url(laid.to_json().encode())}


def _settings(cluster: Cluster, values: LabelValues, material: Material) -> dict[str, object]:
    subnet = boot.subnet(values, material)
    return {
        "network": _network(cluster, values, material),
        "nodes": _among_nodes(setup_of(cluster, values)),
        "api_allowed_cidrs": _distinct(subnet, *values[labels.MASTER_LB_ALLOWED_CIDRS]),
        "ssh_allowed_cidrs": _distinct(*values[labels.SSH_ALLOWED_CIDRS]),
        # Load balancers of services are on the nodes' own subnet.
        "node_port_allowed_cidrs": _distinct(subnet, *values[labels.NODE_PORT_ALLOWED_CIDRS]),
        "floating_ips": cluster.floating_ip_enabled,
        "load_balancer": _load_balancer(cluster, values),
        "affinity": values[labels.NODES_AFFINITY_POLICY],
        "availability_zone": values[labels.AVAILABILITY_ZONE],
        "timeout": min(minutes(cluster) * 60, MOST_SECONDS),
        "ignition": ignition.packed(boot.config(cluster, values, material)),
        "master": _group(_default(cluster, master=True), values),
        "worker": _group(_default(cluster, master=False), values),
    }


def _distinct(*cidrs: str) -> list[str]:
    """Give each network once: Neutron refuses a rule that is there already."""
    return list(dict.fromkeys(cidrs))


def _among_nodes(setup: Setup) -> Mapping[str, object]:
    """Give what nodes may send one another; ``pods`` are there only where packets carry the addresses of pods.

    Ports are texts, as Heat's ``repeat`` takes nothing else.
    """
    reached = {port for kind in ADDONS if kind.is_wanted(setup) for port in kind.reaches}
    is_routed = pod_network.is_routed(setup)
    return {
        "tcp_ports": [str(port) for port in sorted({*pod_network.tcp_ports(setup), *reached})],
        "udp_ports": [str(port) for port in sorted(pod_network.udp_ports(setup))],
        "ipip": pod_network.has_ipip(setup),
        "routed": is_routed,
        "pods": [pod_network.pods(setup)] if is_routed else [],
    }


def _network(cluster: Cluster, values: LabelValues, material: Material) -> Mapping[str, object]:
    return {
        "fixed_network": material.fixed_network or "",
        "fixed_subnet": material.fixed_subnet or "",
        "external": material.external_network or "",
        "cidr": boot.subnet(values, material),
        "dns_nameservers": [one.strip() for one in (cluster.dns_nameserver or "").split(",") if one.strip()],
    }


def _load_balancer(cluster: Cluster, values: LabelValues) -> Mapping[str, object]:
    floating = values[labels.MASTER_LB_FLOATING_IP_ENABLED]
    return {
        "wanted": cluster.master_lb_enabled,
        "floating": cluster.floating_ip_enabled if floating is None else floating,
        "description": f"Kubernetes API of cluster {cluster.uuid}",
        "provider": values[labels.OCTAVIA_PROVIDER] or None,
        "algorithm": values[labels.OCTAVIA_LB_ALGORITHM],
        "health_check": values[labels.OCTAVIA_LB_HEALTHCHECK],
    }


def _default(cluster: Cluster, *, master: bool) -> Nodegroup:
    return next(group for group in cluster.nodegroups if group.is_default and (group.role == MASTER) is master)


def _group(group: Nodegroup, values: LabelValues) -> Mapping[str, object]:
    volumes = {
        "boot_volume": _volume(values[labels.BOOT_VOLUME_SIZE], values[labels.BOOT_VOLUME_TYPE]),
        "container_volume": _volume(group.docker_volume_size or 0, values[labels.DOCKER_VOLUME_TYPE]),
    }
    if group.role == MASTER:
        volumes["etcd_volume"] = _volume(values[labels.ETCD_VOLUME_SIZE], values[labels.ETCD_VOLUME_TYPE])
    return {"flavor": group.flavor_id, **volumes}


def _volume(size: int, kind: str) -> Mapping[str, object]:
    return {"size": size, "type": kind}
