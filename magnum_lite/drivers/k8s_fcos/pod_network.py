# SPDX-License-Identifier: Apache-2.0
"""The network of pods as the rest of a cluster sees it: its addresses, and what its nodes send one another."""

from __future__ import annotations

import ipaddress

from magnum_lite.drivers.k8s_fcos import labels
from magnum_lite.drivers.k8s_fcos.addons.calico import addon as calico
from magnum_lite.drivers.k8s_fcos.addons.flannel import addon as flannel
from magnum_lite.drivers.k8s_fcos.place import Setup
from magnum_lite.errors import InvalidLabel
from magnum_lite.model.labels import Label

BGP_PORT = 179
CALICO_VXLAN_PORT = 4789
ALWAYS = "Always"


def pods_label(setup: Setup) -> Label[str]:
    """Give the label that says which addresses pods have."""
    return flannel.NETWORK_CIDR if _has_flannel(setup) else labels.CALICO_IPV4POOL


def pods(setup: Setup) -> str:
    """Give the addresses of pods."""
    return setup.values[pods_label(setup)]


def node_prefix(setup: Setup) -> int:
    """Give the length of the prefix of each node's part of the pods' addresses."""
    return setup.values[flannel.NODE_PREFIX] if _has_flannel(setup) else calico.BLOCK_PREFIX


def allocates_node_cidrs(setup: Setup) -> bool:
    """Tell whether Kubernetes gives each node its part; Calico does so itself."""
    return _has_flannel(setup)


def is_routed(setup: Setup) -> bool:
    """Tell whether packets go from node to node under the addresses of pods.

    That is so between neighbours if only other subnets are reached by a tunnel, and a cluster's nodes are neighbours.
    """
    if _has_flannel(setup):
        return setup.values[flannel.BACKEND] == "host-gw"
    return ALWAYS not in (calico.ipip(setup), setup.values[calico.VXLAN])


def has_ipip(setup: Setup) -> bool:
    return not _has_flannel(setup) and calico.ipip(setup) != calico.OFF


def tcp_ports(setup: Setup) -> tuple[int, ...]:
    """Give the ports at which nodes tell one another their routes."""
    return () if _has_flannel(setup) else (BGP_PORT,)


def udp_ports(setup: Setup) -> tuple[int, ...]:
    """Give the ports of tunnels between nodes."""
    if _has_flannel(setup):
        return () if is_routed(setup) else (flannel.VXLAN_PORT,)
    return () if setup.values[calico.VXLAN] == calico.OFF else (CALICO_VXLAN_PORT,)


def check(setup: Setup, nodes: int) -> None:
    """Raise ``InvalidLabel`` for a network that cannot be, or is too small for so many nodes."""
    if has_ipip(setup) and setup.values[calico.VXLAN] != calico.OFF:
        ipip = setup.values[calico.IPIP]
        raise InvalidLabel(calico.IPIP.name, ipip, f"{calico.VXLAN.name} asks for another tunnel; one of both is Never")
    label, prefix = pods_label(setup), node_prefix(setup)
    parts = _parts(setup)
    if parts < nodes:
        reason = f"each node has a /{prefix} of it, so it is enough for {parts} of {nodes} nodes"
        raise InvalidLabel(label.name, setup.values[label], reason)


def _parts(setup: Setup) -> int:
    """Give how many nodes can have a part of their own."""
    spare = node_prefix(setup) - ipaddress.IPv4Network(pods(setup)).prefixlen
    return 1 << spare if spare >= 0 else 0


def _has_flannel(setup: Setup) -> bool:
    return setup.network_driver == flannel.NAME
