# SPDX-License-Identifier: Apache-2.0
"""Accepting new, changed and unwanted nodegroups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from magnum_lite.api import acceptance, patch, template_checks, wire
from magnum_lite.api.current import context, deps
from magnum_lite.api.rules import Rule
from magnum_lite.api.v1.nodegroups_views import NodegroupChange, document_of
from magnum_lite.api.v1.patch_views import PatchOperation
from magnum_lite.drivers.base import Feature, Wish
from magnum_lite.errors import BadRequest, Conflict
from magnum_lite.model import Cluster, Nodegroup, node_wishes, resizing
from magnum_lite.model.growth import NodegroupRequest, add_group, labels_of_group
from magnum_lite.model.states import Status, Verb
from magnum_lite.store import clusters
from magnum_lite.store.engine import Session

OF_CLUSTER = (
    "flavor_id",
    "master_flavor_id",
    "master_lb_enabled",
    "floating_ip_enabled",
    "external_network_id",
    "fixed_network",
    "fixed_subnet",
    "network_driver",
    "volume_driver",
)


def create(ident: str, request: NodegroupRequest, rule: Rule) -> tuple[Cluster, Nodegroup]:
    """Check a request for a nodegroup, look up what it names, write its rows, and give them."""
    with deps().store.read() as session:
        cluster = clusters.get(session, rule.scope(context()), ident)
    rule.check(context(), cluster)
    _check_new(cluster, request)
    flavor_id = _look_up(cluster, request)

    def change(session: Session, cluster: Cluster) -> bool:
        _check_new(cluster, request)
        image_id = request.image_id or cluster.default_workers.image_id
        group = add_group(cluster, request, flavor_id=flavor_id, image_id=image_id, now=deps().clock())
        _begin(session, cluster, group, Verb.CREATE_NODEGROUP, Status.CREATE_IN_PROGRESS, "asked for")
        return True

    cluster = acceptance.transact(cluster.uuid, change, rule)
    return cluster, cluster.nodegroup(request.name)


def update(ident: str, name: str, operations: Sequence[PatchOperation], rule: Rule) -> tuple[Cluster, Nodegroup]:
    """Change what a patch may change of a nodegroup, and give it with its cluster."""

    def change(session: Session, cluster: Cluster) -> bool:
        group = cluster.nodegroup(name)
        before = document_of(group)
        wish = wire.read(NodegroupChange, patch.apply(before, operations, kept=())).to_values()
        changed = {field: value for field, value in wish.items() if value != before[field]}
        _check_change(cluster, group, changed, wish)
        if not changed:
            return False
        for field, value in changed.items():
            setattr(group, field, value)
        _begin(session, cluster, group, Verb.UPDATE_NODEGROUP, Status.UPDATE_IN_PROGRESS, "changed", changed)
        return True

    cluster = acceptance.transact(ident, change, rule)
    return cluster, cluster.nodegroup(name)


def delete(ident: str, name: str, rule: Rule) -> None:
    """Write down that a nodegroup shall go, unless that is written already."""

    def change(session: Session, cluster: Cluster) -> bool:
        group = cluster.nodegroup(name)
        acceptance.check_feature(cluster, Feature.NODEGROUPS)
        if group.is_default:
            raise BadRequest(f"Nodegroup {group.name} is one of the two that cluster {cluster.name} was made with")
        if group.status != Status.DELETE_IN_PROGRESS:
            resizing.remove_all(group)
            _begin(session, cluster, group, Verb.DELETE_NODEGROUP, Status.DELETE_IN_PROGRESS, "removed")
        return True

    acceptance.transact(ident, change, rule)


def _begin(
    session: Session,
    cluster: Cluster,
    group: Nodegroup,
    verb: Verb,
    status: Status,
    did: str,
    changed: Mapping[str, Any] | None = None,
) -> None:
    acceptance.begin(
        session,
        cluster,
        verb,
        now=group.created_at if verb is Verb.CREATE_NODEGROUP else deps().clock(),
        message=f"{did} nodegroup {group.name}",
        wanted={"nodegroup": group.uuid, "name": group.name, "node_count": group.node_count, **(changed or {})},
        groups=[(group, status)],
    )


def _check_new(cluster: Cluster, request: NodegroupRequest) -> None:
    acceptance.check_feature(cluster, Feature.NODEGROUPS)
    if request.node_labels or request.node_taints:
        acceptance.check_feature(cluster, Feature.NODE_LABELS)
    acceptance.check_status(cluster, Verb.CREATE_NODEGROUP)
    if cluster.api_address is None:
        raise Conflict(f"Cluster {cluster.name} has no API address yet, so no node could join it")
    if any(group.name == request.name for group in cluster.nodegroups):
        raise Conflict(f"Cluster {cluster.name} has a nodegroup {request.name} already")
    least, most = request.min_node_count, request.max_node_count
    node_wishes.check_counts(request.name, count=request.node_count, least=least, most=most)
    node_wishes.check_marks(request.name, request.role, request.node_labels, request.node_taints)


def _check_change(cluster: Cluster, group: Nodegroup, changed: Mapping[str, Any], wish: Mapping[str, Any]) -> None:
    if {"node_labels", "node_taints"} & changed.keys():
        # A kubelet gives its node labels and taints when it registers the node, and never again.
        acceptance.check_feature(cluster, Feature.OTHER_NODE_LABELS)
    if changed:
        acceptance.check_status(cluster, Verb.UPDATE_NODEGROUP)
    if group.status == Status.DELETE_IN_PROGRESS:
        raise Conflict(f"Nodegroup {group.name} is being deleted")
    least, most = wish["min_node_count"], wish["max_node_count"]
    node_wishes.check_counts(group.name, count=group.node_count, least=least, most=most)
    node_wishes.check_marks(group.name, group.role, wish["node_labels"], wish["node_taints"])


def _look_up(cluster: Cluster, request: NodegroupRequest) -> str:
    """Look up what a nodegroup will be made of, and give its flavor's ID, by which the cluster autoscaler asks for it.

    Raises a child of ``BadRequest`` for what is not there, or cannot be built.
    """
    labels = labels_of_group(cluster.labels, request)
    template_checks.check_labels(cluster.driver, labels)
    named = request.flavor_id or cluster.default_workers.flavor_id or ""
    flavor = deps().clouds.get_flavor(context(), named, "flavor_id")
    if request.image_id:
        deps().clouds.get_image(context(), request.image_id)
    template_checks.check_volume_types(cluster.driver, labels)
    deps().drivers.get(cluster.driver).check(_wish_of(cluster, request, labels, root_disk=flavor.disk))
    return flavor.id


def _wish_of(cluster: Cluster, request: NodegroupRequest, labels: Mapping[str, str], *, root_disk: int) -> Wish:
    """Give what the driver judges: a cluster like this one, but with workers as the nodegroup's will be."""
    size = request.docker_volume_size
    return Wish(
        master_count=len(cluster.masters),
        node_count=request.node_count,
        # These two are about the default workers; a nodegroup has bounds of its own.
        labels={name: text for name, text in labels.items() if name not in ("min_node_count", "max_node_count")},
        root_disks=(root_disk,),
        docker_volume_size=cluster.docker_volume_size if size is None else size,
        is_nodegroup=True,
        **{name: getattr(cluster, name) for name in OF_CLUSTER},
    )
