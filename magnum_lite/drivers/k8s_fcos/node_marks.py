# SPDX-License-Identifier: Apache-2.0
"""The labels and taints with which a kubelet registers its node in Kubernetes."""

from __future__ import annotations

import re

from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.model import node_wishes
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import Nodegroup

LABEL_VALUE = re.compile(r"[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?", re.ASCII)


def labels(place: Place) -> str:
    """Give the nodegroup's labels and our own, as the kubelet's ``--node-labels`` takes them.

    Raises ``InvalidNodegroup`` for what is no label: between commas, it would become another one.
    """
    wanted = {**_group(place).node_labels, **_own(place.node)}
    return ",".join(f"{name}={value}" for name, value in wanted.items())


def taints(place: Place) -> list[dict[str, str]]:
    """Give the nodegroup's taints; raise ``InvalidNodegroup`` for what is none."""
    return [dict(taint) for taint in _group(place).node_taints]


def _group(place: Place) -> Nodegroup:
    found = place.cluster.nodegroup(place.node.nodegroup_uuid)
    node_wishes.check_marks(found.name, found.role, found.node_labels, found.node_taints)
    return found


def _own(node: Node) -> dict[str, str]:
    """Give what we say of a node; a name that is no label value is left out."""
    wanted = {"magnum.openstack.org/role": node.role, "magnum.openstack.org/nodegroup": node.nodegroup_name}
    return {name: value for name, value in wanted.items() if LABEL_VALUE.fullmatch(value)}
