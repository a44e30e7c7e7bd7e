# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of nodegroups."""

from __future__ import annotations

import datetime
from typing import Any, Self

from wsme import types as wtypes

from magnum_lite.api import wire
from magnum_lite.api.fields import Boolean, Field, Integer, Labels, Text
from magnum_lite.api.node_fields import Taints, Texts
from magnum_lite.api.v1.clusters_views import MAX_NODES, addresses_of, labels_compared
from magnum_lite.api.v1.link_views import Link
from magnum_lite.api.v1.paging_views import PageQuery
from magnum_lite.errors import InvalidField
from magnum_lite.model import Cluster, Nodegroup
from magnum_lite.model.growth import NodegroupRequest
from magnum_lite.model.nodegroup import MASTER

SUMMARY_SAME = (
    "uuid",
    "name",
    "flavor_id",
    "image_id",
    "node_count",
    "min_node_count",
    "max_node_count",
    "role",
    "is_default",
    "status",
    "stack_id",
)
SAME = (
    "project_id",
    "docker_volume_size",
    "labels",
    "node_labels",
    "status_reason",
    "created_at",
    "updated_at",
)


class NodegroupQuery(PageQuery):
    """Which part of a cluster's nodegroups; ``role`` asks for those of one role."""

    role = wtypes.wsattr(Text())


class NodegroupWish(wtypes.Base):  # type: ignore[misc]
    """What a user may say of a new nodegroup."""

    name = wtypes.wsattr(Text(), mandatory=True)
    role = wtypes.wsattr(Text(63, pattern=r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"))
    node_count = wtypes.wsattr(Integer(0, MAX_NODES))
    min_node_count = wtypes.wsattr(Integer(0, MAX_NODES))
    max_node_count = wtypes.wsattr(Integer(0, MAX_NODES))
    flavor_id = wtypes.wsattr(Text())
    image_id = wtypes.wsattr(Text())
    docker_volume_size = wtypes.wsattr(Integer(1, 65536))
    labels = wtypes.wsattr(Labels())
    merge_labels = wtypes.wsattr(Boolean())
    node_labels = Field(Texts(), "Labels that the nodes have in Kubernetes.")
    node_taints = Field(
        Taints(), "Taints that the nodes have in Kubernetes, as objects with `key`, `effect` and `value`."
    )

    def to_request(self) -> NodegroupRequest:
        given = wire.given(self)
        if given.get("role") == MASTER:
            raise InvalidField("role", MASTER, "a cluster has one nodegroup of masters and no other")
        return NodegroupRequest(**given)


class NodegroupChange(wtypes.Base):  # type: ignore[misc]
    """What a patch may change of a nodegroup."""

    min_node_count = wtypes.wsattr(Integer(0, MAX_NODES))
    max_node_count = wtypes.wsattr(Integer(0, MAX_NODES))
    node_labels = Field(Texts(), "Labels that the nodes have in Kubernetes.")
    node_taints = Field(
        Taints(), "Taints that the nodes have in Kubernetes, as objects with `key`, `effect` and `value`."
    )

    def to_values(self) -> dict[str, Any]:
        """Give the value of every field, Magnum's default where it was removed."""
        defaults: dict[str, Any] = {"min_node_count": 0, "max_node_count": None, "node_labels": {}, "node_taints": []}
        return {**defaults, **wire.given(self)}


def document_of(row: Nodegroup) -> dict[str, Any]:
    """Give the document that a JSON patch changes."""
    return {one.name: getattr(row, one.name) for one in wtypes.list_attributes(NodegroupChange)}


class NodegroupSummary(wtypes.Base):  # type: ignore[misc]
    """A nodegroup in a list."""

    uuid = str
    name = str
    flavor_id = str
    image_id = str
    node_count = int
    min_node_count = int
    max_node_count = int
    role = str
    is_default = bool
    status = str
    stack_id = str
    links = [Link]

    @classmethod
    def of(cls, row: Nodegroup) -> Self:
        return cls(**_summary(row))


class Nodegroups(wtypes.Base):  # type: ignore[misc]
    nodegroups = [NodegroupSummary]
    next = str


class Taint(wtypes.Base):  # type: ignore[misc]
    key = str
    value = str
    effect = str


class NodegroupDetail(NodegroupSummary):
    """A nodegroup with all that is known of it; ``version`` is the release of Kubernetes its newest node was made with.

    ``labels_overridden`` shows the cluster's value of labels that the nodegroup sets otherwise.
    """

    cluster_id = Field(str, "UUID of the cluster.")
    project_id = str
    docker_volume_size = int
    labels = {str: str}
    labels_overridden = {str: str}
    labels_added = {str: str}
    labels_skipped = {str: str}
    node_addresses = [str]
    node_labels = {str: str}
    node_taints = [Taint]
    status_reason = str
    version = str
    created_at = datetime.datetime
    updated_at = datetime.datetime

    @classmethod
    def of_cluster(cls, row: Nodegroup, cluster: Cluster) -> Self:
        staying = [node for node in row.nodes if not node.is_leaving]
        values = _summary(row) | labels_compared(cluster.labels, row.labels)
        values |= {name: getattr(row, name) for name in SAME}
        values |= {
            "cluster_id": cluster.uuid,
            "node_addresses": addresses_of(staying),
            "node_taints": [Taint(**taint) for taint in row.node_taints],
            "version": staying[-1].release if staying else cluster.coe_version,
        }
        return cls(**values)


def _summary(row: Nodegroup) -> dict[str, Any]:
    links = Link.to_self(f"clusters/{row.cluster_uuid}/nodegroups/{row.uuid}")
    return {name: getattr(row, name) for name in SUMMARY_SAME} | {"links": links}
