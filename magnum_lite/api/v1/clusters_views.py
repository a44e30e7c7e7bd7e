# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of clusters."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self

from wsme import types as wtypes

from magnum_lite.api import current, names, wire
from magnum_lite.api.fields import Boolean, Choice, Field, Integer, Labels, Text
from magnum_lite.api.node_fields import Texts
from magnum_lite.api.v1.link_views import Link
from magnum_lite.api.versions import CLUSTER_ID, ROLLBACK
from magnum_lite.errors import BadRequest, NotSupported
from magnum_lite.model import Cluster, Node
from magnum_lite.model.defaults import ClusterRequest
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.model.states import Health, Status

NAME_PATTERN = "[a-zA-Z][a-zA-Z0-9_.-]*"
MAX_MASTERS = 15
MAX_NODES = 5000

# Fields that the wire and the row call the same: those of every cluster, and those of one shown with all its details.
SUMMARY_SAME = (
    "uuid",
    "name",
    "cluster_template_id",
    "keypair",
    "docker_volume_size",
    "labels",
    "master_flavor_id",
    "flavor_id",
    "create_timeout",
    "status",
    "health_status",
    "stack_id",
)
SAME = (
    "status_reason",
    "discovery_url",
    "api_address",
    "coe_version",
    "project_id",
    "user_id",
    "fixed_network",
    "fixed_subnet",
    "floating_ip_enabled",
    "master_lb_enabled",
    "created_at",
    "updated_at",
)


class ClusterWish(wtypes.Base):  # type: ignore[misc]
    """What a user may say of a new cluster."""

    _defaults = {name: getattr(ClusterRequest, name) for name in ("node_count", "master_count", "merge_labels")}

    name = wtypes.wsattr(Text(242, pattern=NAME_PATTERN))
    cluster_template_id = wtypes.wsattr(Text(), mandatory=True)
    keypair = wtypes.wsattr(Text())
    node_count = wtypes.wsattr(Integer(0, MAX_NODES))
    master_count = wtypes.wsattr(Integer(1, MAX_MASTERS))
    docker_volume_size = wtypes.wsattr(Integer(1, 65536))
    labels = wtypes.wsattr(Labels())
    merge_labels = wtypes.wsattr(Boolean())
    master_flavor_id = wtypes.wsattr(Text())
    flavor_id = wtypes.wsattr(Text())
    create_timeout = wtypes.wsattr(Integer(0, 525600))
    discovery_url = wtypes.wsattr(Text(2048))
    fixed_network = wtypes.wsattr(Text())
    fixed_subnet = wtypes.wsattr(Text())
    floating_ip_enabled = wtypes.wsattr(Boolean())
    master_lb_enabled = wtypes.wsattr(Boolean())

    def to_request(self, *, default_timeout: int) -> ClusterRequest:
        """Give what is asked for; a timeout of 0 minutes means the operator's default, as in Magnum."""
        given = wire.given(self)
        del given["cluster_template_id"]
        given["name"] = given.get("name") or names.random_name("cluster")
        given["create_timeout"] = given.get("create_timeout") or default_timeout
        return ClusterRequest(**given)


class ClusterChange(wtypes.Base):  # type: ignore[misc]
    """What can be different after a patch."""

    node_count = wtypes.wsattr(Integer(0, MAX_NODES))
    health_status = wtypes.wsattr(Choice(*Health))
    health_status_reason = wtypes.wsattr(Texts())

    def to_values(self) -> dict[str, Any]:
        """Give what was said; what was removed is Magnum's default."""
        names = [one.key for one in wtypes.list_attributes(type(self)) if getattr(self, one.key) is not wtypes.Unset]
        removed: dict[str, Any] = {"node_count": 1, "health_status": None, "health_status_reason": {}}
        return {name: removed[name] if getattr(self, name) is None else getattr(self, name) for name in names}


class ClusterPatchQuery(wtypes.Base):  # type: ignore[misc]
    """``rollback`` is taken from 1.3 on, and only as false: a change that failed is repeated or undone by another."""

    rollback = wtypes.wsattr(Boolean())

    def check(self) -> None:
        if self.rollback is wtypes.Unset or self.rollback is None:
            return
        if current.version() < ROLLBACK:
            raise BadRequest(f"Unknown attribute in the query: rollback; it is there from microversion {ROLLBACK} on")
        if self.rollback:
            raise NotSupported(
                "rollback true is not done: a change that failed can be asked for again, or undone by another change"
            )


class ClusterID(wtypes.Base):  # type: ignore[misc]
    """Which cluster an accepted request is about."""

    uuid = str


class ClusterSummary(wtypes.Base):  # type: ignore[misc]
    """A cluster in a list; ``cluster_id`` is ``stack_id`` by its newer name, not the cluster's UUID."""

    uuid = str
    name = str
    cluster_template_id = str
    keypair = str
    docker_volume_size = int
    labels = {str: str}
    node_count = int
    master_count = int
    master_flavor_id = str
    flavor_id = str
    create_timeout = int
    status = str
    health_status = str
    stack_id = str
    cluster_id = Field(str, "`stack_id` by its newer name; not the UUID of the cluster.", since="1.13")
    links = [Link]

    @classmethod
    def of(cls, row: Cluster) -> Self:
        return cls(**summary_of(row))


class Clusters(wtypes.Base):  # type: ignore[misc]
    clusters = [ClusterSummary]
    next = str


class ClusterDetail(ClusterSummary):
    """A cluster with all that is known of it."""

    status_reason = str
    health_status_reason = {str: str}
    discovery_url = str
    api_address = str
    coe_version = str
    container_version = str
    project_id = str
    user_id = str
    node_addresses = [str]
    master_addresses = [str]
    fixed_network = str
    fixed_subnet = str
    floating_ip_enabled = bool
    master_lb_enabled = bool
    labels_overridden = {str: str}
    labels_added = {str: str}
    labels_skipped = {str: str}
    faults = {str: str}
    created_at = datetime.datetime
    updated_at = datetime.datetime

    @classmethod
    def of(cls, row: Cluster, *, faults: bool = False) -> Self:
        values = summary_of(row) | labels_compared(row.template_labels, row.labels)
        values |= {name: getattr(row, name) for name in SAME}
        values |= {
            "health_status_reason": {name: str(said) for name, said in row.health_status_reason.items()},
            "container_version": None,
            "node_addresses": addresses_of(row.workers),
            "master_addresses": addresses_of(row.masters),
        }
        if faults and Status(row.status).is_failed:
            failed = [group for group in row.nodegroups if Status(group.status).is_failed]
            values["faults"] = {group.name: group.status_reason or "" for group in failed}
        return cls(**values)


class ClusterDetails(wtypes.Base):  # type: ignore[misc]
    clusters = [ClusterDetail]
    next = str


def document_of(row: Cluster) -> dict[str, Any]:
    """Give the document that a JSON patch changes: what a user could say, and what the cluster's healers say."""
    counts = _counts(row)
    fields = [one.name for one in wtypes.list_attributes(ClusterWish) if one.name not in ("merge_labels", *counts)]
    return {name: getattr(row, name) for name in [*fields, "health_status", "health_status_reason"]} | counts


def summary_of(row: Cluster) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in SUMMARY_SAME}
    if current.version() >= CLUSTER_ID:
        values["cluster_id"] = row.stack_id
    return values | _counts(row) | {"links": Link.to_self(f"clusters/{row.uuid}")}


def _counts(row: Cluster) -> dict[str, int]:
    """Count workers of every group, and masters."""
    groups = row.nodegroups
    return {
        "node_count": sum(group.node_count for group in groups if group.role != MASTER),
        "master_count": sum(group.node_count for group in groups if group.role == MASTER),
    }


def labels_compared(of_template: Mapping[str, str], own: Mapping[str, str]) -> dict[str, Any]:
    """Say what a cluster's labels changed: those overridden are shown with the template's value, as Magnum does."""
    shared = {name: value for name, value in of_template.items() if name in own}
    return {
        "labels_overridden": {name: value for name, value in shared.items() if own[name] != value},
        "labels_added": {name: value for name, value in own.items() if name not in of_template},
        "labels_skipped": {name: value for name, value in of_template.items() if name not in own},
    }


def addresses_of(nodes: list[Node]) -> list[str]:
    """Give the address at which each node is reached from outside, as far as known."""
    found = [node.floating_address or node.address for node in nodes]
    return [address for address in found if address]
