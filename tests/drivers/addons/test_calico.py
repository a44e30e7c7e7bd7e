# SPDX-License-Identifier: Apache-2.0
"""Calico's own manifest becomes the network of this cluster: its pool, blocks, tunnels and pinned images."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from magnum_lite.agent.upstream import adjusted
from magnum_lite.nodeconf import Upstream
from tests.drivers.addons import rendered
from tests.drivers.addons.upstream_manifests import real

STAND_IN = (Path(__file__).parent / "manifests" / "calico.yaml").read_bytes()
PINNED = re.compile(r"(\S+/)?[\w.-]+:[\w.-]+@sha256:[0-9a-f]{64}")
PREFIX = "mirror.example/k8s/"


def upstream(labels: Mapping[str, str] | None = None, *, tag: str = rendered.NEWEST) -> Upstream:
    (found,) = rendered.addons(labels, {"network_driver": "calico"}, tag=tag)["calico"].upstream
    return found


def items(wanted: Upstream, manifest: bytes) -> dict[str, Any]:
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in adjusted(manifest, wanted)}


@pytest.fixture(params=["stand-in", "real"])
def applied(request: pytest.FixtureRequest) -> Any:
    """Give what is applied with these labels: of a small manifest, and of the real one where it is at hand."""

    def apply(labels: Mapping[str, str] | None = None) -> dict[str, Any]:
        wanted = upstream(labels)
        return items(wanted, STAND_IN if request.param == "stand-in" else real(wanted.source))

    return apply


def containers(found: Mapping[str, Any]) -> list[Any]:
    pods = [one["spec"]["template"]["spec"] for one in found.values() if one["kind"] in {"DaemonSet", "Deployment"}]
    return [one for spec in pods for one in (*spec.get("initContainers", ()), *spec["containers"])]


def variables(found: Mapping[str, Any]) -> dict[str, Any]:
    (node,) = found["DaemonSet/calico-node"]["spec"]["template"]["spec"]["containers"]
    names = [one["name"] for one in node["env"]]
    assert len(names) == len(set(names))
    return {one["name"]: one.get("value") for one in node["env"]}


def test_each_node_has_a_block_of_its_own_of_the_cluster_s_pool(applied: Any) -> None:
    found = variables(applied({"calico_ipv4pool": "10.9.0.0/16"}))

    assert (found["CALICO_IPV4POOL_CIDR"], found["CALICO_IPV4POOL_BLOCK_SIZE"]) == ("10.9.0.0/16", "24")


def test_nodes_tell_one_another_their_routes_under_the_kubelet_s_address(applied: Any) -> None:
    found = variables(applied())

    assert (found["CLUSTER_TYPE"], found["IP"]) == ("k8s,bgp", "autodetect")
    assert found["IP_AUTODETECTION_METHOD"] == "kubernetes-internal-ip"
    assert applied()["ConfigMap/calico-config"]["data"]["calico_backend"] == "bird"


@pytest.mark.parametrize(
    ("labels", "ipip", "vxlan"),
    [
        ({}, "Never", "Never"),
        ({"calico_ipv4pool_ipip": "Off"}, "Never", "Never"),
        ({"calico_ipv4pool_ipip": "always"}, "Always", "Never"),
        ({"calico_ipv4pool_ipip": "CrossSubnet"}, "CrossSubnet", "Never"),
        ({"calico_ipv4pool_vxlan": "Always"}, "Never", "Always"),
    ],
)
def test_packets_are_put_into_the_tunnel_that_is_asked_for(
    applied: Any, labels: Mapping[str, str], ipip: str, vxlan: str
) -> None:
    found = variables(applied(labels))

    assert (found["CALICO_IPV4POOL_IPIP"], found["CALICO_IPV4POOL_VXLAN"]) == (ipip, vxlan)


def test_nobody_outside_is_told_of_the_cluster(applied: Any) -> None:
    assert variables(applied())["FELIX_USAGEREPORTINGENABLED"] == "false"


def test_every_image_is_pinned_and_comes_from_the_cluster_s_mirror(applied: Any) -> None:
    images = {one["image"] for one in containers(applied({"container_infra_prefix": PREFIX}))}

    assert len(images) == 3
    assert all(PINNED.fullmatch(image) and image.startswith(PREFIX) for image in images)


def test_the_manifest_comes_from_the_cluster_s_mirror() -> None:
    found = upstream({"download_prefix": "https://mirror.example/files/"}).source

    assert found.url.startswith("https://mirror.example/files/raw.githubusercontent.com/")
    assert found.sha256 == upstream().source.sha256


@pytest.mark.parametrize("tag", list(rendered.RELEASES))
def test_kubernetes_knows_every_field_of_the_real_manifest(tag: str) -> None:
    wanted = upstream(tag=tag)
    for item in items(wanted, real(wanted.source)).values():
        kubernetes_validate.validate(item, tag.removeprefix("v"), strict=True)


def test_another_network_driver_has_no_calico() -> None:
    assert "calico" not in rendered.addons(template={"network_driver": "flannel"})
