# SPDX-License-Identifier: Apache-2.0
"""A cluster as it would be, made from a request file with no cloud: every ID is derived from a name."""

from __future__ import annotations

import datetime
import ipaddress
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from magnum_lite.drivers.base import CloudAccess, CloudNetworks, Driver, Material, NodeSecrets
from magnum_lite.errors import BadRequest
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.defaults import ClusterRequest, Requester, labels_of, new_cluster
from magnum_lite.model.growth import node_name
from magnum_lite.model.template import ClusterTemplate

NAMESPACE = uuid.UUID("6d61676e-756d-5f6c-6974-650000000000")
THEN = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
API_URL = "https://PLACEHOLDER-API/v1"
FIRST_ADDRESS = 10
AUTH_URL = "https://PLACEHOLDER-IDENTITY/v3"
AUTHORITIES = ("kubernetes", "etcd", "front-proxy")

# What a template has when its file does not say.
TEMPLATE = {
    "name": "template",
    "coe": "kubernetes",
    "image_id": "fedora-coreos",
    "flavor_id": "PLACEHOLDER-flavor",
    "master_flavor_id": "PLACEHOLDER-flavor",
    "cluster_distro": "fedora-coreos",
    "server_type": "vm",
    "external_network_id": "PLACEHOLDER-network",
    "master_lb_enabled": True,
    "floating_ip_enabled": True,
    "labels": {},
}


def ident(*names: str) -> str:
    """Give the UUID that stands for a thing of this name; the same name gives the same one."""
    return str(uuid.uuid5(NAMESPACE, "/".join(names)))


def cluster(request: Mapping[str, Any], template: Mapping[str, Any], *, driver: Driver) -> Cluster:
    """Make the rows of a request as the API would, with addresses as if all were built.

    Fields that are null count as not given. Raises ``BadRequest`` for a field that there is not.
    """
    row = _template(template, driver.name)
    wanted = {name: value for name, value in request.items() if value is not None and name != "cluster_template_id"}
    wanted.setdefault("name", "cluster")
    wanted["labels"] = _texts(wanted["labels"]) if wanted.get("labels") else None
    _check_names("request", wanted, set(ClusterRequest.__dataclass_fields__))
    complete = ClusterRequest(**wanted)
    asker = Requester("PLACEHOLDER-project", "PLACEHOLDER-user")
    made = new_cluster(row, complete, asker, now=THEN, release=driver.release_for(labels_of(row, complete)))
    settle(made)
    return made


def place(made: Cluster, subnet: str) -> None:
    """Give every node, and the API, an address as Neutron might."""
    hosts = ipaddress.ip_network(subnet)
    for number, node in enumerate(made.nodes):
        node.address = str(hosts[FIRST_ADDRESS + number])
        node.server_id = ident("server", node.name)
    made.internal_api_address = f"https://{hosts[FIRST_ADDRESS - 1]}:6443"
    made.api_address = made.internal_api_address


def material(made: Cluster) -> Material:
    """Give what the world would, looked up by nobody."""

    def stands_for(name: str | None) -> str | None:
        return ident("network", name) if name else None

    return Material(
        api_url=API_URL,
        node_tokens={node.uuid: f"PLACEHOLDER-token-of-{node.name}" for node in made.nodes},
        external_network=stands_for(made.external_network_id),
        fixed_network=stands_for(made.fixed_network),
        fixed_subnet=stands_for(made.fixed_subnet),
    )


def secrets() -> NodeSecrets:
    return NodeSecrets(
        authorities={name: f"PLACEHOLDER certificate of the authority {name}" for name in AUTHORITIES},
        service_account_key="PLACEHOLDER key of service accounts",
        encryption_key="PLACEHOLDER key of secrets",
        cloud=CloudAccess(
            auth_url=AUTH_URL,
            user_id="PLACEHOLDER-user-of-the-cluster",
            password="PLACEHOLDER password of the cluster's user",  # noqa: S106
            project_id="PLACEHOLDER-project",
            magnum_url=API_URL,
        ),
        networks=CloudNetworks(ident("network", "external"), ident("subnet", "nodes")),
        volume_types=("PLACEHOLDER-type",),
    )


def _template(given: Mapping[str, Any], driver: str) -> ClusterTemplate:
    values = {**TEMPLATE, **{name: value for name, value in given.items() if value is not None}}
    values["labels"] = _texts(values["labels"])
    _check_names("template", values, set(ClusterTemplate.__mapper__.columns.keys()))
    empty = dict.fromkeys(ClusterTemplate.__mapper__.columns.keys())
    fixed = {"uuid": ident("template"), "driver": driver, "created_at": THEN}
    return ClusterTemplate(**{**empty, **values, **fixed})


def _check_names(what: str, given: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise BadRequest(f"the {what} has no field {unknown[0]}; it has: {', '.join(sorted(known))}")


def _texts(labels: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in labels.items()}


def settle(made: Cluster) -> None:
    """Replace what was drawn at random by what follows from names."""
    made.uuid = ident("cluster", made.name)
    made.create_timeout = made.create_timeout or 60
    for group in made.nodegroups:
        group.uuid, group.cluster_uuid = ident("nodegroup", made.name, group.name), made.uuid
        for node in group.nodes:
            node.uuid = ident("node", made.name, group.name, str(node.index))
            node.cluster_uuid, node.nodegroup_uuid = made.uuid, group.uuid
            node.name = node_name(made, group, node.index)


def kinds(made: Cluster) -> Sequence[tuple[str, Any]]:
    """Give one node of each kind: the first master, another one, a worker."""
    found = [("first-master", made.masters[0])]
    found += [("other-master", node) for node in made.masters[1:2]]
    return [*found, *(("worker", node) for node in made.workers[:1])]
