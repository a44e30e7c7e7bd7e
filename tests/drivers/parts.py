# SPDX-License-Identifier: Apache-2.0
"""Clusters whose whole rendering is kept beside the tests, in ``golden``.

``python -m tests.drivers.parts`` writes it anew; look at the difference before you commit it.
"""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from magnum_lite.cmd.render import render
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
                "octavia_provider": "amphora",
                "service_cluster_ip_range": "10.253.0.0/16",
                "ssh_allowed_cidrs": "203.0.113.0/24",
            },
        },
        {},
    ),
}


@functools.cache
def rendered(name: str) -> Mapping[str, str]:
    """Give every file of a variant's rendering, JSON laid out to be read."""
    template, request = VARIANTS[name]
    cluster = clusters.a_cluster(template, **request)
    parts = dict(render(clusters.driver(), cluster))
    return {part: _readable(text) for part, text in parts.items()}


def _readable(text: str) -> str:
    tree = json.loads(text)
    if isinstance(tree.get("settings"), dict):
        # Packed bytes differ between versions of zlib; what they hold is kept in ignition/every-node.json.
        tree["settings"]["ignition"] = "see ignition/every-node.json"
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
