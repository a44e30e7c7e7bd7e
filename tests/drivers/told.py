# SPDX-License-Identifier: Apache-2.0
"""What one node is told: its Ignition configuration, as Heat would hand it over, and its document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from magnum_lite.drivers import placeholders
from magnum_lite.drivers.base import Material, NodeSecrets
from magnum_lite.drivers.k8s_fcos import all_labels, document, parameters, rendering
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.heat import ignition, preview, template
from magnum_lite.model import Cluster, Node
from magnum_lite.model.labels import LabelValues
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.nodeconf import NodeDocument
from magnum_lite.releases import catalogue
from tests import pins
from tests.agent.authority import Authority
from tests.agent.control_plane import SIGNAL_TOKEN, TOKEN, ControlPlane

UNITS = "/etc/systemd/system"
# What Ignition and the agent leave beside what they are told.
LEFT_BEHIND = (
    "/etc/.ignition-result.json",
    "/etc/systemd/system-preset/20-ignition.preset",
    "/home/core/.ssh/authorized_keys.d/ignition",
    "/var/lib/magnum-lite-agent/lock",
    "/var/lib/magnum-lite-agent/state.json",
)


@dataclass(frozen=True)
class Told:
    user_data: dict[str, Any]
    document: NodeDocument


def what(
    cluster: Cluster,
    node: Node,
    plane: ControlPlane,
    values: LabelValues | None = None,
    *,
    volume_types: tuple[str, ...] = (),
) -> Told:
    """Tell a node of a cluster that has addresses; without ``values`` they are those of the cluster's labels."""
    known = all_labels.LABELS.parse(cluster.labels) if values is None else values
    release = pins.releases().find(node.release or catalogue.DEFAULT)
    assert release is not None
    found = Told(
        _user_data(cluster, node, known, _material(cluster, plane), plane),
        document.node_document(Place(cluster, node, known, release), _secrets(plane, volume_types)),
    )
    plane.document = found.document
    return found


def _secrets(plane: ControlPlane, volume_types: tuple[str, ...]) -> NodeSecrets:
    """Give secrets of which the authorities are those that this control plane signs with."""
    plane.authorities.setdefault("front-proxy", Authority("front-proxy-ca"))
    known = {name: one.pem for name, one in plane.authorities.items()}
    return dataclasses.replace(placeholders.secrets(), authorities=known, volume_types=volume_types)


def _material(cluster: Cluster, plane: ControlPlane) -> Material:
    tokens = {node.uuid: TOKEN for node in cluster.nodes}
    return dataclasses.replace(placeholders.material(cluster), api_url=f"{plane.url}/v1", node_tokens=tokens)


def _user_data(
    cluster: Cluster, node: Node, values: LabelValues, material: Material, plane: ControlPlane
) -> dict[str, Any]:
    given: Any = parameters.parameters(cluster, parameters.default_workers(cluster), values, material)
    is_master = node.role == MASTER
    told = {
        "settings": given["settings"],
        "node": given["masters" if is_master else "workers"][str(node.index)],
        "is_first": node is cluster.masters[0],
        "signal_url": f"{plane.url}/heat/signal",
        "signal_token": SIGNAL_TOKEN,
    }
    # What a user says is in parameters alone; a template is the same for all clusters.
    server = template.load(rendering.STACK)["master.yaml" if is_master else "worker.yaml"]
    found = preview.user_data(template.render(server), told)
    assert found is not None
    return found


def every_path(node_told: Told) -> set[str]:
    """Give the path of every file that a node has which was told this, is ready, and had no other file of its own."""
    return {*_at_boot(node_told.user_data), *_of_document(node_told.document), *LEFT_BEHIND}


def _at_boot(user_data: dict[str, Any]) -> Iterator[str]:
    merged: list[Any] = [ignition.unpacked(one["source"]) for one in user_data["ignition"]["config"]["merge"]]
    for part in [*merged, user_data]:
        yield from (one["path"] for one in part["storage"]["files"])
        yield from (f"{UNITS}/{one['name']}" for one in part.get("systemd", {}).get("units", ()))


def _of_document(document: NodeDocument) -> Iterator[str]:
    yield from (one.path for one in document.files)
    yield from (f"{one.path}{end}" for one in document.certificates for end in (".key", ".crt"))
    yield from document.authority_paths.values()
    if document.etcd is not None:
        yield document.etcd.environment
    yield from (path for one in document.binaries for path in one.paths.values())
    yield from (f"{UNITS}/{one.name}" for one in document.units)
