# SPDX-License-Identifier: Apache-2.0
"""What one node should be now: its certificates, files and units."""

from __future__ import annotations

from pathlib import Path

from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos import addresses, certificates, components, labels
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import DocumentNotReady
from magnum_lite.heat.ignition import mode_of
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import LabelValues
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.nodeconf import File, NodeDocument
from magnum_lite.releases import catalogue

FILES = Path(__file__).parent / "node" / "files"


def node_document(cluster: Cluster, node: Node, values: LabelValues, secrets: NodeSecrets) -> NodeDocument:
    """Give the document; raise ``DocumentNotReady`` while an address or a key it needs is unknown."""
    place = place_of(cluster, node, values)
    is_master = node.role == MASTER
    parts = [*(components.masters(place) if is_master else ()), *components.nodes(place)]
    return NodeDocument(
        generation=max(cluster.generation, node.generation),
        cluster=cluster.uuid,
        node=node.uuid,
        name=node.name,
        role=node.role,
        address=addresses.own(node),
        certificates=certificates.requests(cluster, node, values),
        authorities={name: _authority(secrets, name) for name in certificates.authority_paths(node)},
        authority_paths=certificates.authority_paths(node),
        files=(
            *_laid("node"),
            *(_laid("master") if is_master else ()),
            *(components.keys(secrets) if is_master else ()),
            *(file for part in parts for file in part.files),
        ),
        units=tuple(part.unit for part in parts),
        versions={part.name: part.version for part in parts},
    )


def place_of(cluster: Cluster, node: Node, values: LabelValues) -> Place:
    """Give the node with its release; raise ``DocumentNotReady`` where that is not installed."""
    return Place(cluster, node, values, _release(node, values))


def _release(node: Node, values: LabelValues) -> catalogue.Release:
    tag = node.release or values[labels.KUBE_TAG]
    release = catalogue.find(tag)
    if release is None:
        raise DocumentNotReady(f"release {tag} of node {node.name} is not installed on this conductor")
    return release


def _authority(secrets: NodeSecrets, name: str) -> str:
    try:
        return secrets.authorities[name]
    except KeyError:
        raise DocumentNotReady(f"the authority {name} has not been made yet") from None


def _laid(kind: str) -> list[File]:
    """Give the files that lie in a folder where they land."""
    root = FILES / kind
    return [
        File(f"/{path.relative_to(root)}", path.read_text(), mode_of(path))
        for path in sorted(root.rglob("*"))
        if path.is_file()
    ]
