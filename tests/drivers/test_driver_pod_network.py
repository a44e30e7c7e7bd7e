# SPDX-License-Identifier: Apache-2.0
"""A network of pods that cannot be, or is too small for its nodes, is refused before anything is made."""

from __future__ import annotations

import configparser
import fnmatch
from collections.abc import Mapping
from typing import Any

import pytest

from magnum_lite.drivers.base import Wish
from magnum_lite.drivers.k8s_fcos import boot, pod_network
from magnum_lite.errors import InvalidLabel
from tests.drivers import clusters


def a_wish(**more: Any) -> Wish:
    flavors = {"flavor_id": "m1.small", "master_flavor_id": "m1.small"}
    return Wish(**{**flavors, "external_network_id": "public", **more})


@pytest.mark.parametrize(
    ("labels", "driver", "nodes", "sentence"),
    [
        (
            {"calico_ipv4pool": "10.9.0.0/23"},
            "calico",
            3,
            "each node has a /24 of it, so it is enough for 2 of 3 nodes",
        ),
        ({"calico_ipv4pool": "10.9.0.0/16"}, "calico", 257, "it is enough for 256 of 257 nodes"),
        ({"flannel_network_cidr": "10.9.0.0/24"}, "flannel", 2, "it is enough for 1 of 2 nodes"),
        (
            {"flannel_network_cidr": "10.9.0.0/24", "flannel_network_subnetlen": "20"},
            "flannel",
            1,
            "it is enough for 0 of 1 nodes",
        ),
        (
            {"calico_ipv4pool_ipip": "Always", "calico_ipv4pool_vxlan": "CrossSubnet"},
            "calico",
            1,
            "calico_ipv4pool_vxlan asks for another tunnel; one of both is Never",
        ),
    ],
)
def test_what_cannot_be_is_named(labels: Mapping[str, str], driver: str, nodes: int, sentence: str) -> None:
    setup = clusters.a_setup({"network_driver": driver}, **labels)

    with pytest.raises(InvalidLabel, match=sentence):
        pod_network.check(setup, nodes)


@pytest.mark.parametrize(
    ("labels", "driver", "nodes"),
    [
        ({}, "calico", 256),
        ({"calico_ipv4pool": "10.9.0.0/24"}, "calico", 1),
        ({"calico_ipv4pool_ipip": "Off", "calico_ipv4pool_vxlan": "Always"}, "calico", 1),
        ({"flannel_network_cidr": "10.9.0.0/24", "flannel_network_subnetlen": "26"}, "flannel", 4),
        ({"calico_ipv4pool": "10.9.0.0/24"}, "flannel", 256),
    ],
)
def test_what_is_just_large_enough_is_taken(labels: Mapping[str, str], driver: str, nodes: int) -> None:
    pod_network.check(clusters.a_setup({"network_driver": driver}, **labels), nodes)


@pytest.mark.parametrize("interface", ["cali12345678901", "tunl0", "vxlan.calico", "flannel.1", "cni0"])
def test_the_node_leaves_interfaces_of_pods_alone(interface: str) -> None:
    read = configparser.ConfigParser()
    read.read(boot.ROOTFS / "etc/NetworkManager/conf.d/50-pods.conf")
    left = read["keyfile"]["unmanaged-devices"].split(";")

    assert any(fnmatch.fnmatch(interface, one.removeprefix("interface-name:")) for one in left)
    assert not any(fnmatch.fnmatch("ens3", one.removeprefix("interface-name:")) for one in left)


def test_a_request_for_more_nodes_than_the_pool_has_parts_is_refused() -> None:
    wish = a_wish(node_count=2, labels={"calico_ipv4pool": "10.9.0.0/24"})

    with pytest.raises(InvalidLabel, match="calico_ipv4pool"):
        clusters.driver().check(wish)


def test_pods_of_flannel_must_not_share_addresses_with_services() -> None:
    wish = a_wish(network_driver="flannel", labels={"flannel_network_cidr": "10.254.0.0/17"})

    with pytest.raises(InvalidLabel, match="it overlaps with service_cluster_ip_range"):
        clusters.driver().check(wish)


def test_the_pool_of_a_driver_that_is_not_used_may_be_anything() -> None:
    clusters.driver().check(a_wish(network_driver="flannel", labels={"calico_ipv4pool": "10.254.0.0/16"}))
