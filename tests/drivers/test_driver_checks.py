# SPDX-License-Identifier: Apache-2.0
"""What clusters on Fedora CoreOS cannot be is told with field, value and what is allowed."""

from typing import Any

import pytest

from magnum_lite.drivers.base import Wish
from magnum_lite.errors import BadRequest
from tests.drivers import clusters

GOOD: dict[str, Any] = {
    "master_count": 3,
    "node_count": 3,
    "master_lb_enabled": True,
    "flavor_id": "m1.small",
    "master_flavor_id": "m1.medium",
    "external_network_id": "public",
    "network_driver": "calico",
    "volume_driver": "cinder",
}


@pytest.mark.parametrize(
    "also",
    [
        {},
        {"node_count": 0},
        {"master_count": 1, "master_lb_enabled": False},
        {"network_driver": None, "volume_driver": None},
        {"fixed_network": "n", "fixed_subnet": "s", "floating_ip_enabled": False, "external_network_id": None},
        {"root_disks": (0, 20), "labels": {"boot_volume_size": "20"}},
        {"labels": {"kube_tag": "v1.34.7", "a_script_s_own": "x"}},
        {"apiserver_port": 6443},
        # The address range of nodes does not matter where the network is there already.
        {"fixed_network": "n", "fixed_subnet": "s", "labels": {"calico_ipv4pool": "10.0.0.0/16"}},
    ],
)
def test_what_can_be_built_is_taken(also: dict[str, Any]) -> None:
    clusters.driver().check(Wish(**{**GOOD, **also}))


@pytest.mark.parametrize(
    ("also", "sentence"),
    [
        ({"master_count": 2}, "Invalid value 2 for master_count: it takes an odd number from 1 to 7"),
        ({"master_count": 0}, "Invalid value 0 for master_count: it takes an odd number from 1 to 7"),
        ({"master_count": 9}, "Invalid value 9 for master_count: it takes an odd number from 1 to 7"),
        ({"master_lb_enabled": False}, "Invalid value 3 for master_count: more than 1 master needs master_lb_enabled"),
        ({"external_network_id": None}, "Invalid value None for external_network_id: a new network, and floating IPs"),
        ({"fixed_network": "n"}, "Invalid value None for fixed_subnet: fixed_network needs"),
        ({"fixed_subnet": "s"}, "Invalid value None for fixed_network: fixed_subnet needs"),
        ({"network_driver": "weave"}, "Invalid value 'weave' for network_driver: it takes one of calico, flannel"),
        ({"volume_driver": "rexray"}, "Invalid value 'rexray' for volume_driver: it takes one of cinder"),
        ({"docker_storage_driver": "devicemapper"}, "Invalid value 'devicemapper' for docker_storage_driver"),
        ({"tls_disabled": True}, "Invalid value True for tls_disabled"),
        ({"registry_enabled": True}, "Invalid value True for registry_enabled"),
        ({"apiserver_port": 8443}, "Invalid value 8443 for apiserver_port: the API server listens on 6443"),
        ({"root_disks": (0,)}, "Invalid value 'a root disk of 0 GiB' for flavor"),
        (
            {"labels": {"kube_tag": "v1.0.0"}},
            "for label kube_tag: it takes one of v1.34.6, v1.34.7, v1.35.3, v1.35.4, v1.36.0",
        ),
        (
            {"labels": {"kube_tag": "newest"}},
            "Invalid value 'newest' for label kube_tag: it takes a Kubernetes release",
        ),
        ({"labels": {"boot_volume_size": "big"}}, "Invalid value 'big' for label boot_volume_size"),
        ({"labels": {"min_node_count": "4"}}, "Invalid value 3 for node_count: the labels min_node_count and"),
        ({"labels": {"max_node_count": "2"}}, "Invalid value 3 for node_count"),
        ({"labels": {"min_node_count": "9", "max_node_count": "2"}}, "label min_node_count: it takes at most"),
        ({"labels": {"calico_ipv4pool": "10.0.0.0/16"}}, "label calico_ipv4pool: it overlaps with fixed_subnet_cidr"),
        (
            {"labels": {"service_cluster_ip_range": "10.100.3.0/24"}},
            "label calico_ipv4pool: it overlaps with service_cluster_ip_range, 10.100.3.0/24",
        ),
        ({"labels": {"container_infra_prefix": "mirror.example"}}, "label container_infra_prefix"),
        ({"labels": {"agent_image": "agent:latest"}}, "label agent_image: it takes an image pinned by a digest"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(also: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadRequest) as caught:
        clusters.driver().check(Wish(**{**GOOD, **also}))

    assert sentence in caught.value.message
