# SPDX-License-Identifier: Apache-2.0
"""Neutron's floating IPs: addresses of an external network, each for one address of a port behind a router."""

from typing import TYPE_CHECKING

from magnum_lite.pocketcloud import errors, ports, routers
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import SYSTEM, Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.network import Network


def make_floating_ip(network: "Network", scope: Scope, given: Record, record: Record) -> None:
    """Finish a new floating IP: take its address, and point it to a port if one is named."""
    outside = network.records["network"].get(record["floating_network_id"])
    if not outside["router:external"]:
        message = f"Network {outside['id']} is not a valid external network for floating ips."
        raise errors.bad_request(message, "BadRequest")
    record.update(router_id=None, status="DOWN", port_details=None)
    record.update(_association(network, record, record["port_id"], record["fixed_ip_address"]))
    wanted = {"subnet_id": record.pop("subnet_id"), "ip_address": record["floating_ip_address"]}
    address = {key: value for key, value in wanted.items() if value}
    values = {
        "network_id": outside["id"],
        "fixed_ips": [address] if address else None,
        "device_owner": "network:floatingip",
        "device_id": record["id"],
    }
    port = ports.new_port(network, "", values)
    if not port["fixed_ips"]:
        network.records["port"].remove(port["id"])
        raise errors.bad_request(f"External network {outside['id']} has no IPv4 subnet.", "BadRequest")
    record["floating_ip_address"] = port["fixed_ips"][0]["ip_address"]


def change_floating_ip(network: "Network", record: Record, changes: Record) -> None:
    """Point a floating IP to another port or to none."""
    if "port_id" in changes or "fixed_ip_address" in changes:
        changes.update(_association(network, record, changes.get("port_id"), changes.get("fixed_ip_address")))


def remove_floating_ip(network: "Network", record: Record) -> None:
    """Give the address back."""
    for port in network.records["port"]:
        if port["device_id"] == record["id"] and port["device_owner"] == "network:floatingip":
            ports.free_port(network, network.records["port"].remove(port["id"]))


def _association(network: "Network", record: Record, port_id: str | None, fixed: str | None) -> Record:
    """Work out what an association with a port makes of the floating IP."""
    if not port_id:
        return {"port_id": None, "fixed_ip_address": None, "router_id": None, "status": "DOWN", "port_details": None}
    scope = Scope("", record["project_id"]) if record["project_id"] else SYSTEM
    port = network.own("port", scope, port_id)
    chosen = [ip for ip in port["fixed_ips"] if fixed in (None, ip["ip_address"])]
    if not chosen:
        message = f"Bad floatingip request: Port {port_id} does not have fixed ip {fixed}."
        raise errors.bad_request(message, "BadRequest")
    address = chosen[0]
    for other in network.records["floatingip"]:
        if other["id"] != record["id"] and (other["port_id"], other["fixed_ip_address"]) == (
            port_id,
            address["ip_address"],
        ):
            message = (
                f"Cannot associate floating IP with port {port_id} using fixed IP {address['ip_address']}, as that "
                f"fixed IP already has a floating IP on external network {record['floating_network_id']}."
            )
            raise errors.conflict(message, "FloatingIPPortAlreadyAssociated")
    return {
        "port_id": port_id,
        "fixed_ip_address": address["ip_address"],
        "router_id": _router_between(network, record["floating_network_id"], address["subnet_id"], port_id),
        "status": "ACTIVE",
        "port_details": {
            key: port[key] for key in ("name", "network_id", "mac_address", "status", "device_id", "device_owner")
        },
    }


def _router_between(network: "Network", outside_id: str, subnet_id: str, port_id: str) -> str:
    for router in network.records["router"]:
        gateway = router["external_gateway_info"]
        if not gateway or gateway["network_id"] != outside_id:
            continue
        for port in routers.interfaces_of(network, router["id"]):
            if any(ip["subnet_id"] == subnet_id for ip in port["fixed_ips"]):
                return str(router["id"])
    message = (
        f"External network {outside_id} is not reachable from subnet {subnet_id}. "
        f"Therefore, cannot associate Port {port_id} with a Floating IP."
    )
    raise errors.not_found(message, "ExternalGatewayForFloatingIPNotFound")
