# SPDX-License-Identifier: Apache-2.0
"""Accepting a new cluster: everything that can be refused is refused here, then one transaction writes it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from magnum_lite.api import template_checks, trusting
from magnum_lite.api.current import context, deps, requester, version, warn
from magnum_lite.api.idempotency import Key
from magnum_lite.api.versions import NODELESS
from magnum_lite.context import granted_roles
from magnum_lite.drivers.base import Wish
from magnum_lite.errors import BadRequest, Forbidden, NotFound
from magnum_lite.model import Cluster, ClusterTemplate
from magnum_lite.model.defaults import (
    FROM_EITHER,
    ClusterRequest,
    Requester,
    chosen,
    labels_of,
    new_cluster,
    new_operation,
)
from magnum_lite.model.states import Verb
from magnum_lite.store import events, quotas, reservations, templates
from magnum_lite.store.engine import Session


@dataclass(frozen=True)
class Found:
    """What the cloud says of what a request names: root disks of the flavors in GiB, the keypair's public half.

    ``flavor_ids`` gives the ID of each flavor by the name it was asked for.
    """

    root_disks: tuple[int, ...]
    flavor_ids: Mapping[str, str]
    ssh_public_key: str | None


@dataclass(frozen=True)
class Order:
    """A request in which nothing is left to refuse but what only the database knows.

    ``flavor_ids`` gives the ID of each flavor by the name it was asked for; ``without_effect`` has a sentence for
    each label that does nothing, ``remarks`` the driver's.
    """

    template: ClusterTemplate
    request: ClusterRequest
    requester: Requester
    without_effect: Sequence[str]
    flavor_ids: Mapping[str, str]
    remarks: Sequence[str]


def get_template(ident: str) -> ClusterTemplate:
    """Give the template a request names; up to 1.9 an unknown one is a bad request (Magnum API 1.10)."""
    scope = None if context().is_admin else context().project_id
    with deps().store.read() as session:
        try:
            template = templates.get(session, scope, ident)
        except NotFound as error:
            if version() < NODELESS:
                raise BadRequest(error.message) from None
            raise
    if template.hidden and not context().is_admin:
        raise Forbidden(f"cluster template {template.name} is hidden: no new clusters are made from it")
    return template


def create(template: ClusterTemplate, request: ClusterRequest, key: Key | None = None) -> str:
    """Check a request, write what it asks for, and give the new cluster's UUID.

    Of several requests with one key the first one makes the cluster, and all are given it.
    """
    order = _order(template, request)

    def write(session: Session) -> str | Cluster:
        known = key.find(session) if key else None
        if known is not None:
            return known
        cluster = _write(session, order)
        if key is not None:
            key.keep(session, cluster.uuid)
        return cluster

    made: str | Cluster = deps().store.transact(write)
    if isinstance(made, str):
        return made
    trusting.make(made, key)
    return made.uuid


def wish_of(template: ClusterTemplate, request: ClusterRequest, *, root_disks: Sequence[int]) -> Wish:
    """Give what the driver judges: the request where it says something, else the template."""

    only_template = (
        "external_network_id",
        "network_driver",
        "volume_driver",
        "docker_storage_driver",
        "apiserver_port",
        "insecure_registry",
        "tls_disabled",
        "registry_enabled",
    )
    values = {name: chosen(template, request, name) for name in FROM_EITHER}
    values |= {name: getattr(template, name) for name in only_template}
    return Wish(
        master_count=request.master_count,
        node_count=request.node_count,
        labels=labels_of(template, request),
        root_disks=tuple(root_disks),
        **values,
    )


def _requester() -> Requester:
    asker = context()
    wanted = deps().conf.cluster_user.roles
    roles = granted_roles(wanted, asker.roles)
    if not roles:
        raise Forbidden(
            f"the user of a cluster is given those of the roles {', '.join(wanted)} that the requester has, "
            "and this token has none of them: ask for one of these roles"
        )
    return requester(roles)


def _order(template: ClusterTemplate, request: ClusterRequest) -> Order:
    """Refuse what can be refused before anything is written."""
    without_effect = template_checks.check_labels(template.driver, labels_of(template, request))
    asker = _requester()
    trusting.check()
    found = _look_up(template, request)
    template_checks.check_volume_types(template.driver, labels_of(template, request))
    driver, wish = deps().drivers.get(template.driver), wish_of(template, request, root_disks=found.root_disks)
    driver.check(wish)
    remarks = driver.remarks(wish)
    for sentence in remarks:
        warn(sentence)
    complete = replace(request, ssh_public_key=found.ssh_public_key)
    return Order(template, complete, asker, without_effect, found.flavor_ids, remarks)


def _look_up(template: ClusterTemplate, request: ClusterRequest) -> Found:
    """Look up what the cluster will be made of: each thing once, and only what is named."""
    clouds, asker = deps().clouds, context()
    image = clouds.get_image(asker, template.image_id)
    if not image.os_distro:
        raise BadRequest(f"Image {template.image_id} of template {template.name} has no property os_distro")
    flavors = {
        "flavor_id": request.flavor_id or template.flavor_id,
        "master_flavor_id": request.master_flavor_id or template.master_flavor_id,
    }
    asked = {ident: field for field, ident in reversed(flavors.items()) if ident}
    found = {ident: clouds.get_flavor(asker, ident, field) for ident, field in asked.items()}
    keypair = request.keypair or template.keypair_id
    public_key = clouds.get_keypair(asker, keypair).public_key if keypair else None
    if template.external_network_id:
        clouds.check_network(asker, template.external_network_id, "external_network_id", external=True)
    network = request.fixed_network or template.fixed_network
    if network:
        clouds.check_network(asker, network, "fixed_network", external=False)
    subnet = request.fixed_subnet or template.fixed_subnet
    if subnet:
        clouds.check_subnet(asker, subnet)
    disks = tuple(flavor.disk for flavor in found.values())
    return Found(disks, {ident: flavor.id for ident, flavor in found.items()}, public_key)


def _write(session: Session, order: Order) -> Cluster:
    """Write the rows of an accepted request; the quota is counted in the same transaction."""
    now, asker, request, template = deps().clock(), order.requester, order.request, order.template
    quotas.check_room(session, asker.project_id, deps().conf.quotas.max_clusters_per_project, now)
    templates.get(session, None, template.uuid)
    release = deps().drivers.get(template.driver).release_for(labels_of(template, request))
    cluster = new_cluster(template, request, asker, now=now, release=release)
    cluster.grant_kind = deps().conf.cluster_user.grant
    for group in cluster.nodegroups:
        # The cluster autoscaler looks a group's flavor up by its ID.
        group.flavor_id = order.flavor_ids.get(group.flavor_id or "", group.flavor_id)
    session.add(cluster)
    reservations.add(session, cluster.uuid, now)
    session.add(new_operation(cluster, Verb.CREATE, asker, now=now, minutes=request.create_timeout))
    message = f"user {asker.user_id} asked for {request.master_count} masters and {request.node_count} workers"
    _note(session, cluster, "cluster", cluster.name, "create-requested", message)
    for sentence in order.without_effect:
        _note(session, cluster, "label", cluster.name, "label-without-effect", sentence)
    for sentence in order.remarks:
        _note(session, cluster, "cluster", cluster.name, "create-remark", sentence)
    return cluster


def _note(session: Session, cluster: Cluster, kind: str, resource: str, reason: str, message: str) -> None:
    now = deps().clock()
    events.add(session, cluster.uuid, now=now, kind=kind, resource=resource, reason=reason, message=message)
