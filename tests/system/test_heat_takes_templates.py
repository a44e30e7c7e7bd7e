# SPDX-License-Identifier: Apache-2.0
"""Heat itself takes every combination of template and parameters that we can render; on every cloud."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from magnum_lite.drivers.base import Material, Rendering
from magnum_lite.model import Cluster
from tests.drivers import clusters
from tests.system.house import House
from tests.system.user import User

HEAT = {"endpoint_filter": {"service_type": "orchestration"}, "raise_exc": False}
VOLUMES = {"boot_volume_size": "20", "etcd_volume_size": "5"}
TYPES = {"boot_volume_type": "standard", "etcd_volume_type": "standard", "docker_volume_type": "standard"}
OPEN = {"master_lb_allowed_cidrs": "127.0.0.0/8", "ssh_allowed_cidrs": "127.0.0.0/8", "node_port_allowed_cidrs": "::/0"}
COMBINATIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one master, one worker": ({}, {"master_count": 1, "node_count": 1}),
    "no worker": ({}, {"master_count": 1, "node_count": 0}),
    "three masters": ({"master_lb_enabled": True}, {}),
    "no floating addresses": ({"master_lb_enabled": True, "floating_ip_enabled": False}, {}),
    "one without either": ({"floating_ip_enabled": False}, {"master_count": 1}),
    "volumes": ({"master_lb_enabled": True, "docker_volume_size": 5, "labels": VOLUMES}, {}),
    "volumes of a type": ({"master_lb_enabled": True, "docker_volume_size": 5, "labels": {**VOLUMES, **TYPES}}, {}),
    "a zone": ({"labels": {"availability_zone": "nova"}}, {"master_count": 1}),
    "networks that are given": (
        {"master_lb_enabled": True, "fixed_network": "private", "fixed_subnet": "private-subnet"},
        {},
    ),
    "flannel": ({"network_driver": "flannel"}, {"master_count": 1}),
    "routed flannel": ({"network_driver": "flannel", "labels": {"flannel_backend": "host-gw"}}, {"master_count": 1}),
    "calico without tunnels": ({"labels": {"calico_ipv4pool_ipip": "Off"}}, {"master_count": 1}),
    "calico with tunnels": ({"labels": {"calico_ipv4pool_ipip": "Always"}}, {"master_count": 1}),
    "who may reach it": ({"master_lb_enabled": True, "labels": OPEN}, {}),
    "load balancer without checks": (
        {"master_lb_enabled": True, "labels": {"octavia_lb_healthcheck": "false", "octavia_lb_algorithm": "SOURCE_IP"}},
        {},
    ),
    "strict affinity": ({"labels": {"nodes_affinity_policy": "anti-affinity"}}, {"master_count": 1}),
    "name servers": ({"dns_nameserver": "127.0.0.53,127.0.0.54"}, {"master_count": 1}),
}


@pytest.fixture(params=COMBINATIONS)
def body(request: pytest.FixtureRequest, house: House) -> dict[str, Any]:
    """What Heat is sent for a new cluster, with names of things that this cloud has."""
    template, wish = COMBINATIONS[request.param]
    cluster = clusters.a_cluster(template, **wish)
    for node in cluster.nodes:
        node.image_id = "fedora-coreos"
    for group in cluster.nodegroups:
        group.flavor_id = "m1.small"
    return body_of(clusters.driver().render(cluster, _material(house.user(), cluster)))


def _material(user: User, cluster: Cluster) -> Material:
    found = clusters.material(cluster)
    if cluster.fixed_network is None:
        return dataclasses.replace(found, external_network="public")
    return dataclasses.replace(
        found,
        external_network="public",
        fixed_network="private",
        fixed_subnet="private-subnet",
        fixed_subnet_cidr="127.16.0.0/16",
    )


def body_of(rendering: Rendering) -> dict[str, Any]:
    return {
        "stack_name": "never-made",
        "template": rendering.template,
        "files": dict(rendering.files),
        "parameters": dict(rendering.parameters),
    }


def test_heat_takes_it(house: House, body: dict[str, Any]) -> None:
    session = house.user().session
    validated = session.post("/validate", json={key: body[key] for key in ("template", "files", "parameters")}, **HEAT)
    previewed = session.post("/stacks/preview", json=body, **HEAT)

    assert validated.status_code == 200, validated.text
    assert previewed.status_code == 200, previewed.text
    assert len(previewed.json()["stack"]["resources"]) > 0
