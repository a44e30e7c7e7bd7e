# SPDX-License-Identifier: Apache-2.0
"""What Heat is sent for a cluster's rows: templates with their members, and parameters."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from magnum_lite.drivers.base import Material, Rendering
from magnum_lite.drivers.k8s_fcos import all_labels, parameters
from magnum_lite.heat import template
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import Nodegroup

STACK = Path(__file__).parent / "stack"
CLUSTER = "cluster.yaml"
NODEGROUP = "nodegroup.yaml"
WORKERS = "workers.yaml"
WORKER = "worker.yaml"


def of_cluster(cluster: Cluster, material: Material) -> Rendering:
    """Give the cluster's own stack: its network, masters and default workers."""
    workers = parameters.default_workers(cluster)
    masters = [str(node.index) for node in cluster.masters]
    of_masters = {"$index": masters, "$first": masters[:1], "$other": masters[1:]}
    values = all_labels.LABELS.parse(cluster.labels)
    given = parameters.parameters(cluster, workers, values, material)
    files = {
        name: _text(name, _of_workers(workers) if name == WORKERS else of_masters, given)
        for name in templates()
        if name != NODEGROUP
    }
    return Rendering(files.pop(CLUSTER), files, given)


def of_group(cluster: Cluster, group: Nodegroup, place: Mapping[str, object], material: Material) -> Rendering:
    """Give the stack of a further nodegroup, on the network of the cluster's own."""
    workers = parameters.nodes_of(cluster, group)
    given = parameters.of_group(cluster, group, place, material)
    files = {name: _text(name, _of_workers(workers), given) for name in (NODEGROUP, WORKERS, WORKER)}
    return Rendering(files.pop(NODEGROUP), files, given)


def _text(name: str, members: Mapping[str, Sequence[str]], given: Mapping[str, object]) -> str:
    return template.render(template.put_members(template.settle(templates()[name], given), members))


def _of_workers(workers: Sequence[Node]) -> Mapping[str, Sequence[str]]:
    return {"$index": [str(node.index) for node in workers]}


@functools.cache
def templates() -> Mapping[str, object]:
    """Give our templates by their names, before members are put into them."""
    return template.load(STACK)
