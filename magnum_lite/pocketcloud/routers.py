# SPDX-License-Identifier: Apache-2.0
"""Neutron's routers: their gateway to the outside and their interfaces on subnets."""

from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors, ports
from magnum_lite.pocketcloud.addresses import parse_cidr
from magnum_lite.pocketcloud.network_kinds import invalid
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.network import Network

INTERFACE = "network:router_interface"
GATEWAY = "network:router_gateway"


def make_router(network: "Network", scope: Scope, given: Record, record: Record) -> None:
    """Finish a new router, with its gateway if one is asked for."""
    record.update(status="ACTIVE", availability_zones=["nova"], flavor_id=None)
    record["external_gateway_info"] = _new_gateway(network, record, record["external_gateway_info"])


def change_router(network: "Network", record: Record, changes: Record) -> None:
    """Set, change or clear the gateway; refused while floating IPs need it."""
    if "external_gateway_info" not in changes:
        return
    old, new = record["external_gateway_info"], changes["external_gateway_info"]
    if old and new and new.get("network_id") == old["network_id"]:
        changes["external_gateway_info"] = {**old, "enable_snat": new.get("enable_snat", old["enable_snat"])}
        return
    if old:
        if any(one["router_id"] == record["id"] for one in network.records["floatingip"]):
            message = (
                f"Gateway cannot be updated for router {record['id']}, since a gateway to external network "
                f"{old['network_id']} is required by one or more floating IPs."
            )
            raise errors.conflict(message, "RouterExternalGatewayInUseByFloatingIp")
        _drop_gateway(network, record)
    changes["external_gateway_info"] = _new_gateway(network, record, new)


def remove_router(network: "Network", record: Record) -> None:
    """Refuse while the router has interfaces."""
    if interfaces_of(network, record["id"]):
        raise errors.conflict(f"Router {record['id']} still has ports", "RouterInUse")
    _drop_gateway(network, record)


def add_interface(network: "Network", router: Record, body: Record, scope: Scope) -> Record:
    """Put the router on a subnet, by the subnet's gateway address or by a port; gives the live port."""
    if body.get("port_id"):
        port = network.own("port", scope, body["port_id"])
        if port["device_id"]:
            message = (
                f"Unable to complete operation on port {port['id']} for network {port['network_id']}. "
                f"Port already has an attached device {port['device_id']}."
            )
            raise errors.conflict(message, "PortInUse")
        subnet = network.records["subnet"].get(port["fixed_ips"][0]["subnet_id"])
        _check_free(network, router, subnet)
        port.update(device_owner=INTERFACE, device_id=router["id"], status="ACTIVE")
        return port
    subnet = network.own("subnet", scope, str(body.get("subnet_id")))
    _check_free(network, router, subnet)
    if not subnet["gateway_ip"]:
        raise errors.bad_request(f"Bad router request: Subnet {subnet['id']} must have a gateway IP.", "BadRequest")
    values = {
        "network_id": subnet["network_id"],
        "fixed_ips": [{"subnet_id": subnet["id"], "ip_address": subnet["gateway_ip"]}],
        "device_owner": INTERFACE,
        "device_id": router["id"],
    }
    return ports.new_port(network, router["project_id"], values)


def remove_interface(network: "Network", router: Record, body: Record) -> Record:
    """Take the router off a subnet; refused while a floating IP is reached through it. Gives the port that was."""
    for port in interfaces_of(network, router["id"]):
        subnet_id = port["fixed_ips"][0]["subnet_id"]
        if body.get("port_id", port["id"]) == port["id"] and body.get("subnet_id", subnet_id) == subnet_id:
            _check_unneeded(network, router, subnet_id)
            ports.free_port(network, port)
            return network.records["port"].remove(port["id"])
    what = f"subnet {body['subnet_id']}" if body.get("subnet_id") else f"port {body.get('port_id')}"
    raise errors.not_found(f"Router {router['id']} has no interface on {what}", "RouterInterfaceNotFoundForSubnet")


def interfaces_of(network: "Network", router_id: str) -> list[Record]:
    """List a router's interface ports."""
    found = network.records["port"]
    return [port for port in found if port["device_id"] == router_id and port["device_owner"] == INTERFACE]


def _new_gateway(network: "Network", record: Record, wanted: Any) -> Record | None:
    if not wanted:
        return None
    ident = wanted.get("network_id")
    if not ident:
        raise invalid("external_gateway_info", "network_id is missing")
    outside = network.records["network"].get(str(ident))
    if not outside["router:external"]:
        message = f"Bad router request: Network {ident} is not an external network."
        raise errors.bad_request(message, "BadRequest")
    values = {
        "network_id": outside["id"],
        "fixed_ips": wanted.get("external_fixed_ips"),
        "device_owner": GATEWAY,
        "device_id": record["id"],
    }
    port = ports.new_port(network, "", values)
    record["gw_port_id"] = port["id"]
    snat = wanted.get("enable_snat", True)
    return {"network_id": outside["id"], "enable_snat": snat, "external_fixed_ips": list(port["fixed_ips"])}


def _drop_gateway(network: "Network", record: Record) -> None:
    port_id = record.pop("gw_port_id", None)
    if port_id:
        ports.free_port(network, network.records["port"].remove(port_id))


def _check_free(network: "Network", router: Record, subnet: Record) -> None:
    cidr = parse_cidr(subnet["cidr"])
    for port in interfaces_of(network, router["id"]):
        other = network.records["subnet"].get(port["fixed_ips"][0]["subnet_id"])
        if other["id"] == subnet["id"]:
            message = f"Bad router request: Router already has a port on subnet {subnet['id']}."
            raise errors.bad_request(message, "BadRequest")
        if cidr.overlaps(parse_cidr(other["cidr"])):
            message = (
                f"Bad router request: Cidr {cidr} of subnet {subnet['id']} overlaps with cidr {other['cidr']} "
                f"of subnet {other['id']}."
            )
            raise errors.bad_request(message, "BadRequest")


def _check_unneeded(network: "Network", router: Record, subnet_id: str) -> None:
    for floating in network.records["floatingip"]:
        if floating["router_id"] != router["id"]:
            continue
        port = network.records["port"].get(floating["port_id"])
        if any(ip["subnet_id"] == subnet_id for ip in port["fixed_ips"]):
            message = (
                f"Router interface for subnet {subnet_id} on router {router['id']} cannot be deleted, "
                f"as it is required by one or more floating IPs."
            )
            raise errors.conflict(message, "RouterInterfaceInUseByFloatingIP")
