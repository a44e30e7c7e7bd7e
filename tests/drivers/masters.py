# SPDX-License-Identifier: Apache-2.0
"""What runs on a node, read from its document as its machine would read it."""

from __future__ import annotations

import json
from typing import Any

from magnum_lite.agent.podman_run import Container
from magnum_lite.agent.unit_file import UnitFile, variables
from magnum_lite.model import Cluster
from magnum_lite.nodeconf import NodeDocument
from tests.drivers import clusters

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
CONTAINERS = (*CONTROL_PLANE, "kube-proxy")


def of_master(cluster: Cluster, number: int = 0) -> NodeDocument:
    return clusters.driver().node_document(cluster, cluster.masters[number], clusters.secrets())


def json_of(document: NodeDocument, path: str) -> Any:
    return json.loads(text_of(document, path))


def text_of(document: NodeDocument, path: str) -> str:
    return next(one.content for one in document.files if one.path == path)


def paths_of(document: NodeDocument) -> set[str]:
    """Give every file that is on the node's disk once the document was followed."""
    pairs = {f"{one.path}{end}" for one in document.certificates for end in (".key", ".crt")}
    return {one.path for one in document.files} | pairs | set(document.authority_paths.values())


def container(document: NodeDocument, name: str) -> Container:
    """Give what the unit of this name makes podman run."""
    unit = UnitFile.parse(next(one.content for one in document.units if one.name == f"{name}.service"))
    texts = {one.path: one.content for one in document.files}
    values: dict[str, str] = {}
    for one in unit.environment_files:
        values |= variables(texts.get(one.path, ""))
    (command,) = unit.commands("ExecStart")
    found = Container.parse(command.with_variables(values))
    assert found is not None
    return found


def flags(document: NodeDocument, name: str) -> dict[str, str]:
    """Give the flags a component is started with."""
    words = [word for word in container(document, name).command if word.startswith("--")]
    return {name: value for name, _, value in (word.removeprefix("--").partition("=") for word in words)}
