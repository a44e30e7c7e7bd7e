# SPDX-License-Identifier: Apache-2.0
"""Clusters whose whole rendering is kept beside the tests, in ``golden``.

``python -m tests.drivers.parts`` writes it anew; look at the difference before you commit it.
"""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from magnum_lite.cmd.render import render
from magnum_lite.drivers import placeholders
from magnum_lite.drivers.k8s_fcos.rendering import of_group
from magnum_lite.model import Cluster
from magnum_lite.model.growth import NodegroupRequest, add_group
from tests.drivers import clusters

GOLDEN = Path(__file__).parent / "golden"

# A template and a request by the name of the folder.
VARIANTS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "three-and-three": ({}, {}),
    "bare": (
        {"master_lb_enabled": False, "floating_ip_enabled": False},
        {"master_count": 1, "node_count": 1, "labels": {"octavia_lb_healthcheck": "false"}},
    ),
    "everything": (
        {
            "fixed_network": "private",
            "fixed_subnet": "private-subnet",
            "dns_nameserver": "127.0.0.53",
            "docker_volume_size": 30,
            "http_proxy": "http://proxy.example:3128",
            "insecure_registry": "registry.example:5000",
            "no_proxy": "127.0.0.1",
            "labels": {
                "agent_image": "registry.example/magnum-lite-agent@sha256:" + "0" * 64,
                "availability_zone": "nova",
                "boot_volume_size": "20",
                "boot_volume_type": "encrypted",
                "calico_ipv4pool": "10.101.0.0/16",
                "container_infra_prefix": "mirror.example:5000/kubernetes/",
                "download_prefix": "https://mirror.example/downloads/",
                "etcd_volume_size": "5",
                "etcd_volume_type": "encrypted",
                "kube_tag": "v1.35.4",
                "master_lb_allowed_cidrs": "192.0.2.0/24,198.51.100.7",
                "node_port_allowed_cidrs": "192.0.2.0/24",
                "nodes_affinity_policy": "anti-affinity",
                "octavia_lb_algorithm": "SOURCE_IP",
                "ntp_servers": "192.0.2.123 time.example",
                "octavia_provider": "amphora",
                "registry_mirrors": "docker.io=https://mirror.example:5000/hub",
                "selinux_mode": "permissive",
                "service_cluster_ip_range": "10.253.0.0/16",
                "ssh_allowed_cidrs": "203.0.113.0/24",
            },
        },
        {},
    ),
}

# A further nodegroup of each variant, and where the cluster's own stack says that it belongs.
GROUP = NodegroupRequest(
    "big",
    node_count=2,
    max_node_count=4,
    docker_volume_size=100,
    labels={"availability_zone": "other", "nodes_affinity_policy": "affinity"},
    merge_labels=True,
    node_labels={"example.org/tier": "front"},
    node_taints=[{"key": "big", "effect": "NoSchedule"}],
)
PLACE = {name: f"PLACEHOLDER-{name}" for name in ("network", "subnet", "pods", "security_groups")}


@functools.cache
def rendered(name: str) -> Mapping[str, str]:
    """Give every file of a variant's rendering, JSON laid out to be read."""
    template, request = VARIANTS[name]
    cluster = clusters.a_cluster(template, **request)
    parts = {**dict(render(clusters.driver(), cluster)), **dict(_of_group(clusters.a_cluster(template, **request)))}
    return {part: _readable(text) for part, text in parts.items()}


def _of_group(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Give what Heat is sent for a further nodegroup of a cluster."""
    group = add_group(cluster, GROUP, flavor_id="PLACEHOLDER-flavor", image_id="fedora-coreos", now=placeholders.THEN)
    placeholders.settle(cluster)
    rendering = of_group(cluster, group, PLACE, clusters.material(cluster))
    yield "nodegroup/nodegroup.yaml", rendering.template
    yield "nodegroup/workers.yaml", rendering.files["workers.yaml"]
    yield "nodegroup/parameters.json", json.dumps(rendering.parameters)


def _readable(text: str) -> str:
    tree = json.loads(text)
    if isinstance(tree.get("settings"), dict):
        # Packed bytes differ between versions of zlib; what they hold is kept in ignition/every-node.json.
        tree["settings"]["ignition"] = "see ignition/every-node.json"
    if tree.get("addons"):
        # What an addon consists of is looked at by its own tests.
        tree["addons"] = [one["name"] for one in tree["addons"]]
    for one in tree.get("ignition", {}).get("config", {}).get("merge", ()):
        one["source"] = "data:,see-every-node.json"
        one.pop("compression")
    return json.dumps(tree, indent=1, sort_keys=True) + "\n"


def main() -> None:
    shutil.rmtree(GOLDEN, ignore_errors=True)
    for name in VARIANTS:
        for part, text in rendered(name).items():
            path = GOLDEN / name / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


if __name__ == "__main__":
    main()
