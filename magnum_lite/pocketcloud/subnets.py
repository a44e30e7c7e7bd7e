# SPDX-License-Identifier: Apache-2.0
"""Neutron's networks and subnets: how they are made and when they may go."""

import ipaddress
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.addresses import check_pools, default_pools, parse_cidr
from magnum_lite.pocketcloud.network_kinds import invalid
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.network import Network


def make_network(network: "Network", scope: Scope, given: Record, record: Record) -> None:
    """Finish a new network."""
    for name in ("router:external", "shared", "is_default"):
        if record[name] and not scope.is_admin:
            message = f"(rule:create_network and rule:create_network:{name}) is disallowed by policy"
            raise errors.forbidden(message, "PolicyNotAuthorized")
    record.update(
        status="ACTIVE", subnets=[], availability_zones=["nova"], ipv4_address_scope=None, ipv6_address_scope=None
    )


def remove_network(network: "Network", record: Record) -> None:
    """Refuse while somebody has a port on the network; its subnets go with it."""
    ports = [port for port in network.records["port"] if port["network_id"] == record["id"]]
    if ports:
        message = (
            f"Unable to complete operation on network {record['id']}. There are one or more ports still in use on the "
            f"network, id for these ports is: {', '.join(port['id'] for port in ports)}."
        )
        raise errors.conflict(message, "NetworkInUse")
    for subnet_id in record["subnets"]:
        network.records["subnet"].remove(subnet_id)
        network.addresses.forget(subnet_id)


def make_subnet(network: "Network", scope: Scope, given: Record, record: Record) -> None:
    """Finish a new subnet: its gateway and pools, which must fit its CIDR and overlap with no neighbour."""
    parent = network.own("network", scope, record["network_id"])
    cidr = parse_cidr(record["cidr"])
    if record["ip_version"] != cidr.version:
        raise invalid("ip_version", f"{record['ip_version']} does not match cidr {record['cidr']}")
    for ident in parent["subnets"]:
        other = network.records["subnet"].get(ident)
        if cidr.overlaps(parse_cidr(other["cidr"])):
            message = (
                f"Invalid input for operation: Requested subnet with cidr: {cidr} for network: {parent['id']} "
                f"overlaps with another subnet."
            )
            raise errors.bad_request(message, "InvalidInput")
    gateway = given["gateway_ip"] if "gateway_ip" in given else str(cidr[1] if cidr.num_addresses > 1 else cidr[0])
    record["cidr"] = str(cidr)
    record["gateway_ip"] = _checked_gateway(cidr, gateway)
    pools = record["allocation_pools"]
    record["allocation_pools"] = check_pools(cidr, pools) if pools else default_pools(cidr, record["gateway_ip"])
    parent["subnets"].append(record["id"])


def change_subnet(network: "Network", record: Record, changes: Record) -> None:
    """Check a subnet's changes."""
    cidr = parse_cidr(record["cidr"])
    if "gateway_ip" in changes:
        changes["gateway_ip"] = _checked_gateway(cidr, changes["gateway_ip"])
    if "allocation_pools" in changes:
        changes["allocation_pools"] = check_pools(cidr, changes["allocation_pools"] or [])


def remove_subnet(network: "Network", record: Record) -> None:
    """Refuse while a port has an address of the subnet."""
    users = [
        port for port in network.records["port"] if any(ip["subnet_id"] == record["id"] for ip in port["fixed_ips"])
    ]
    if users:
        message = (
            f"Unable to complete operation on subnet {record['id']}: One or more ports have an IP allocation "
            f"from this subnet."
        )
        raise errors.conflict(message, "SubnetInUse")
    network.records["network"].get(record["network_id"])["subnets"].remove(record["id"])
    network.addresses.forget(record["id"])


def _checked_gateway(cidr: Any, gateway: str | None) -> str | None:
    if gateway is None:
        return None
    try:
        inside = ipaddress.ip_address(gateway) in cidr
    except ValueError as error:
        raise invalid("gateway_ip", f"'{gateway}' is not a valid IP address") from error
    if not inside:
        raise errors.bad_request(f"Gateway {gateway} is not valid on subnet {cidr}.", "InvalidInput")
    return gateway
