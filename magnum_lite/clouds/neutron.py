# SPDX-License-Identifier: Apache-2.0
"""Neutron: networks and subnets that requests name, and the subnets of servers."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from magnum_lite.clouds.naming import look_up, only
from magnum_lite.clouds.session import NEUTRON, CloudSession, adapter, get_json
from magnum_lite.clouds.translation import translated
from magnum_lite.errors import CloudNotFound


@dataclass(frozen=True)
class Network:
    """A network; servers outside the cloud are reached through an external one."""

    id: str
    name: str
    is_external: bool


@dataclass(frozen=True)
class Subnet:
    """A range of addresses of a network, in CIDR form."""

    id: str
    name: str
    network_id: str
    cidr: str


def get_network(
    session: CloudSession, ident: str, *, external: bool | None, field: str = "external_network_id"
) -> Network:
    """Give the network with this ID or name, external, not external, or (``None``) either.

    Raises ``InvalidField`` that names the field when there is none, or when several have the name.
    """
    found = [
        network
        for network in look_up(ident, lambda key, value: _networks(session, key, value))
        if external is None or network.is_external == external
    ]
    kind = {None: "a network", True: "an external network", False: "a network that is not external"}[external]
    return only(found, field, ident, kind)


def get_subnet(session: CloudSession, ident: str, *, field: str = "fixed_subnet") -> Subnet:
    """Give the subnet with this ID or name.

    Raises ``InvalidField`` that names the field when there is none, or when several have the name.
    """
    return only(look_up(ident, lambda key, value: _subnets(session, key, value)), field, ident, "a subnet")


def find_subnet_of(session: CloudSession, server_id: str, *, most_seconds: float | None = None) -> str | None:
    """Give the ID of the subnet that a server has its first address on, or ``None``."""
    query = {"device_id": server_id, "fields": ["fixed_ips"]}
    body = get_json(session, NEUTRON, "/ports", query, most_seconds=most_seconds)
    with translated(NEUTRON.name):
        return next((str(address["subnet_id"]) for port in body["ports"] for address in port["fixed_ips"]), None)


@dataclass(frozen=True)
class Port:
    """A port: ``device`` is the ID of what has it, ``owner`` says what kind of thing that is; both may be empty."""

    id: str
    name: str
    device: str
    owner: str

    @property
    def is_of_router(self) -> bool:
        return self.owner.startswith("network:") and "router" in self.owner

    @property
    def is_of_server(self) -> bool:
        return self.owner.startswith("compute:")


def list_ports(session: CloudSession, network_id: str) -> list[Port]:
    """Give the ports of a network."""
    query = {"network_id": network_id, "fields": ["id", "name", "device_id", "device_owner"]}
    body = get_json(session, NEUTRON, "/ports", query)
    with translated(NEUTRON.name):
        return [Port(row["id"], row["name"], row["device_id"], row["device_owner"]) for row in body["ports"]]


def delete_port(session: CloudSession, port_id: str) -> None:
    """Make a port gone; it may be gone already."""
    with contextlib.suppress(CloudNotFound), translated(NEUTRON.name):
        adapter(session, NEUTRON).delete(f"/ports/{port_id}")


def remove_router_interface(session: CloudSession, router_id: str, port_id: str) -> None:
    """Take a port off a router, with which it goes; it may be gone already."""
    with contextlib.suppress(CloudNotFound), translated(NEUTRON.name):
        adapter(session, NEUTRON).put(f"/routers/{router_id}/remove_router_interface", json={"port_id": port_id})


def _networks(session: CloudSession, key: str, value: str) -> list[Network]:
    body = get_json(session, NEUTRON, "/networks", {key: value, "fields": ["id", "name", "router:external"]})
    with translated(NEUTRON.name):
        return [Network(row["id"], row["name"], bool(row.get("router:external"))) for row in body["networks"]]


def _subnets(session: CloudSession, key: str, value: str) -> list[Subnet]:
    body = get_json(session, NEUTRON, "/subnets", {key: value, "fields": ["id", "name", "network_id", "cidr"]})
    with translated(NEUTRON.name):
        return [Subnet(row["id"], row["name"], row["network_id"], row["cidr"]) for row in body["subnets"]]
