# SPDX-License-Identifier: Apache-2.0
"""Clusters as they are seen by a driver: new, and with the addresses that a cloud gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from magnum_lite import conf as configuration
from magnum_lite.drivers import placeholders
from magnum_lite.drivers.base import Driver, Material, NodeSecrets, Rendering
from magnum_lite.drivers.k8s_fcos import all_labels
from magnum_lite.drivers.k8s_fcos.place import Setup, setup_of
from magnum_lite.drivers.registry import Registry
from magnum_lite.model import Cluster
from tests import pins

SUBNET = "127.32.0.0/16"
PROJECT_DRIVERS = ("k8s_fcos", "noop")


def driver(name: str = "k8s_fcos") -> Driver:
    """A driver whose releases pin everything."""
    return Registry.from_conf(pins.configure(configuration.new([], []))).get(name)


def driver_as_shipped() -> Driver:
    """A driver with no other pins than those that come with it."""
    return Registry.from_conf(configuration.new([], [])).get("k8s_fcos")


def a_cluster(template: dict[str, Any] | None = None, *, name: str = "k8s", **request: Any) -> Cluster:
    """A cluster of 3 masters and 3 workers behind a load balancer unless said; same names, same IDs."""
    wanted = {"name": name, "master_count": 3, "node_count": 3, **request}
    found = placeholders.cluster(wanted, template or {}, driver=driver())
    found.ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 demo"
    return found


def a_setup(template: dict[str, Any] | None = None, **labels: str) -> Setup:
    """What the request of a cluster says of what runs in it."""
    cluster = a_cluster(template, labels=labels)
    return setup_of(cluster, all_labels.LABELS.parse(cluster.labels))


def a_built_cluster(template: dict[str, Any] | None = None, **request: Any) -> Cluster:
    """The same with addresses."""
    found = a_cluster(template, **request)
    placeholders.place(found, SUBNET)
    return found


def material(cluster: Cluster) -> Material:
    return placeholders.material(cluster)


def secrets() -> NodeSecrets:
    return placeholders.secrets()


def rendered(cluster: Cluster) -> Rendering:
    return driver().render(cluster, material(cluster))


def request_bytes(rendering: Rendering) -> int:
    """The size of the body that Heat is sent."""
    body = {
        "stack_name": "k8s-0123456789ab",
        "template": rendering.template,
        "files": dict(rendering.files),
        "parameters": dict(rendering.parameters),
    }
    return len(json.dumps(body).encode())


def write_json(folder: Path, name: str, value: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(value))
    return path
