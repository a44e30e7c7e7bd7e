# SPDX-License-Identifier: Apache-2.0
"""What one node should be now: its certificates, files and units."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos import (
    addresses,
    binaries,
    certificates,
    components,
    control_plane,
    node_files,
)
from magnum_lite.drivers.k8s_fcos.addons import rendering
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import DocumentNotReady
from magnum_lite.heat.ignition import mode_of
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.nodeconf import File, NodeDocument

FILES = Path(__file__).parent / "node" / "files"


def node_document(place: Place, secrets: NodeSecrets) -> NodeDocument:
    """Give the document; raise ``DocumentNotReady`` while an address or a key it needs is unknown."""
    cluster, node, is_master = place.cluster, place.node, place.node.role == MASTER
    is_first = is_master and certificates.is_first(place)
    parts = [*(control_plane.parts(place) if is_master else ()), *components.parts(place)]
    return NodeDocument(
        generation=max(cluster.generation, node.generation),
        cluster=cluster.uuid,
        node=node.uuid,
        name=node.name,
        role=node.role,
        address=addresses.own(node),
        certificates=certificates.requests(place),
        authorities={name: _authority(secrets, name) for name in certificates.authority_paths(node)},
        authority_paths=certificates.authority_paths(node),
        files=(
            *_laid("node"),
            *(_laid("master") if is_master else ()),
            *(control_plane.keys(secrets) if is_master else ()),
            *(file for part in parts for file in part.files),
            *((node_files.kubeconfig("addons", components.LOCAL),) if is_first else ()),
        ),
        binaries=binaries.all_of(place),
        units=tuple(part.unit for part in parts),
        addons=rendering.render_addons(place, secrets) if is_first else None,
        etcd=control_plane.membership(place) if is_master else None,
        versions=_versions(place, parts, with_addons=is_first),
    )


def _versions(place: Place, parts: Sequence[components.Part], *, with_addons: bool) -> dict[str, str]:
    """Give what is pinned, by component: programs, containers and, where they are looked after, the addons' images."""
    addons = rendering.of_cluster(place) if with_addons else ()
    return {
        **{one.name: binaries.version(place, one.name) for one in binaries.all_of(place)},
        **{part.name: part.version for part in parts},
        **{image: place.image(image) for kind in addons for image in kind.images},
    }


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
