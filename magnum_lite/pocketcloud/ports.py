# SPDX-License-Identifier: Apache-2.0
"""Neutron's ports: their addresses, security groups and owners."""

import ipaddress
import secrets
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors, security_groups
from magnum_lite.pocketcloud.network_kinds import KINDS, complete, invalid
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import SYSTEM, Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.network import Network

ROUTER_OWNERS = ("network:router_interface", "network:router_gateway", "network:floatingip")


def make_port(network: "Network", scope: Scope, given: Record, record: Record) -> None:
    """Finish a new port: take its addresses and join its security groups."""
    parent = network.own("network", scope, record["network_id"])
    groups = record["security_groups"]
    if groups is None:
        by_service = record["device_owner"].startswith("network:") or not record["port_security_enabled"]
        groups = [] if by_service else [security_groups.default_of(network, record["project_id"])["id"]]
    record["security_groups"] = _checked_groups(network, scope, groups)
    record["allowed_address_pairs"] = _checked_pairs(record["allowed_address_pairs"], record)
    record["mac_address"] = record["mac_address"] or _mac()
    record["fixed_ips"] = _take(network, parent, record["fixed_ips"])
    record.update(status="ACTIVE" if record["device_owner"].startswith("network:") else "DOWN")
    record.update({"binding:vif_type": "unbound", "binding:vif_details": {}, "dns_assignment": []})


def new_port(network: "Network", project_id: str, values: dict[str, Any]) -> Record:
    """Make a port for a service of the cloud, outside of any quota; the live record."""
    given = {**values, "project_id": project_id}
    record = network.blank("port", complete(KINDS["port"], given), project_id)
    make_port(network, SYSTEM, given, record)
    return network.records["port"].add(record)


def change_port(network: "Network", record: Record, changes: Record) -> None:
    """Check a port's changes, and move it to the wanted addresses."""
    if "security_groups" in changes:
        changes["security_groups"] = _checked_groups(network, SYSTEM, changes["security_groups"] or [])
    if "allowed_address_pairs" in changes:
        changes["allowed_address_pairs"] = _checked_pairs(changes["allowed_address_pairs"], record)
    if "fixed_ips" in changes:
        parent = network.records["network"].get(record["network_id"])
        _move(network, parent, record, changes)
    if "device_id" in changes and changes["device_id"] and record["device_id"] not in ("", changes["device_id"]):
        message = f"Port {record['id']} is already in use by {record['device_id']}."
        raise errors.conflict(message, "PortInUse")


def remove_port(network: "Network", record: Record) -> None:
    """Refuse a router's or floating IP's own port; else let go of its addresses and floating IPs."""
    if record["device_owner"] in ROUTER_OWNERS:
        message = (
            f"Port {record['id']} cannot be deleted directly via the port API: "
            f"has device owner {record['device_owner']}."
        )
        raise errors.conflict(message, "ServicePortInUse")
    free_port(network, record)


def free_port(network: "Network", record: Record) -> None:
    """Let go of a port's addresses and floating IPs."""
    for ip in record["fixed_ips"]:
        network.addresses.release(ip["subnet_id"], ip["ip_address"])
    for floating in network.records["floatingip"]:
        if floating["port_id"] == record["id"]:
            floating.update(port_id=None, fixed_ip_address=None, router_id=None, status="DOWN", port_details=None)


def _move(network: "Network", parent: Record, record: Record, changes: Record) -> None:
    held = {(ip["subnet_id"], ip["ip_address"]) for ip in record["fixed_ips"]}
    wanted = changes["fixed_ips"] or []
    kept = [ip for ip in wanted if (ip.get("subnet_id"), ip.get("ip_address")) in held]
    taken = _take(network, parent, [ip for ip in wanted if ip not in kept])
    for subnet_id, address in held - {(ip["subnet_id"], ip["ip_address"]) for ip in kept}:
        network.addresses.release(subnet_id, address)
    changes["fixed_ips"] = kept + taken


def _take(network: "Network", parent: Record, wanted: list[Record] | None) -> list[Record]:
    """Take an address for each wanted one; without a wish, one of the network's first IPv4 subnet."""
    subnets = [network.records["subnet"].get(ident) for ident in parent["subnets"]]
    if wanted is None:
        first = next((one for one in subnets if one["ip_version"] == 4), None)
        wanted = [{"subnet_id": first["id"]}] if first else []
    taken: list[Record] = []
    try:
        for ip in wanted:
            subnet = _subnet_for(parent, subnets, ip)
            address = network.addresses.take(subnet, ip.get("ip_address"))
            taken.append({"subnet_id": subnet["id"], "ip_address": address})
    except errors.CloudFault:
        for ip in taken:
            network.addresses.release(ip["subnet_id"], ip["ip_address"])
        raise
    return taken


def _subnet_for(parent: Record, subnets: list[Record], ip: Any) -> Record:
    if not isinstance(ip, dict) or not set(ip) <= {"subnet_id", "ip_address"} or not ip:
        raise invalid("fixed_ips", f"'{ip}' is not an object with subnet_id or ip_address")
    for subnet in subnets:
        if ip.get("subnet_id") == subnet["id"]:
            return subnet
        if not ip.get("subnet_id") and _within(ip["ip_address"], subnet["cidr"]):
            return subnet
    if ip.get("subnet_id"):
        message = (
            f"Invalid input for operation: Failed to create port on network {parent['id']}, "
            f"because fixed_ips included invalid subnet {ip['subnet_id']}."
        )
        raise errors.bad_request(message, "InvalidInput")
    message = f"IP address {ip['ip_address']} is not a valid IP for any of the subnets on the specified network."
    raise errors.bad_request(message, "InvalidIpForNetwork")


def _within(address: str, cidr: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)
    except ValueError as error:
        raise invalid("fixed_ips", f"'{address}' is not a valid IP address") from error


def _checked_groups(network: "Network", scope: Scope, groups: list[Any]) -> list[str]:
    return [network.own("security_group", scope, str(ident))["id"] for ident in groups]


def _checked_pairs(pairs: list[Any], record: Record) -> list[Record]:
    checked = []
    for pair in pairs:
        address = pair.get("ip_address") if isinstance(pair, dict) else None
        try:
            ipaddress.ip_network(str(address), strict=False)
        except ValueError as error:
            raise invalid("allowed_address_pairs", f"'{address}' is not a valid IP address or subnet") from error
        checked.append(
            {"ip_address": address, "mac_address": pair.get("mac_address") or record["mac_address"] or _mac()}
        )
    return checked


def _mac() -> str:
    return "fa:16:3e:" + ":".join(f"{byte:02x}" for byte in secrets.token_bytes(3))
