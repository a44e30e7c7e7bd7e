# SPDX-License-Identifier: Apache-2.0
"""Neutron's security groups with their rules, and every project's default group."""

import ipaddress
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.network_kinds import KINDS, complete, invalid
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import SYSTEM, Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.network import Network

IDENTITY = (
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
)
WITH_PORTS = ("tcp", "udp", "sctp", "dccp", "udplite", "6", "17", "132")


def default_of(network: "Network", project_id: str) -> Record:
    """Give the project's default group, made when it is first needed."""
    for group in network.records["security_group"]:
        if group["project_id"] == project_id and group["name"] == "default":
            return group
    given = {"name": "default", "description": "Default security group", "project_id": project_id}
    record = network.blank("security_group", complete(KINDS["security_group"], given), project_id)
    make_group(network, SYSTEM, given, record)
    network.records["security_group"].add(record)
    for ethertype in ("IPv4", "IPv6"):
        _add_rule(network, record, direction="ingress", ethertype=ethertype, remote_group_id=record["id"])
    return record


def make_group(network: "Network", scope: Scope, given: Record, record: Record) -> None:
    """Finish a new group: what goes out is allowed."""
    if record["name"] == "default" and scope is not SYSTEM:
        raise errors.conflict("Default security group already exists.", "SecurityGroupDefaultAlreadyExists")
    record.update(shared=False)
    for ethertype in ("IPv4", "IPv6"):
        _add_rule(network, record, direction="egress", ethertype=ethertype)


def remove_group(network: "Network", record: Record) -> None:
    """Refuse the default group and one that a port uses; its rules and those that name it go too."""
    if record["name"] == "default":
        raise errors.conflict(
            "Insufficient rights for removing default security group.", "SecurityGroupCannotRemoveDefault"
        )
    if any(record["id"] in port["security_groups"] for port in network.records["port"]):
        raise errors.conflict(f"Security Group {record['id']} in use.", "SecurityGroupInUse")
    rules = network.records["security_group_rule"]
    for rule in rules:
        if record["id"] in (rule["security_group_id"], rule["remote_group_id"]):
            rules.remove(rule["id"])


def rules_of(network: "Network", group_id: str) -> list[Record]:
    """List a group's rules."""
    return [rule for rule in network.records["security_group_rule"] if rule["security_group_id"] == group_id]


def make_rule(network: "Network", scope: Scope, given: Record, record: Record) -> None:
    """Finish a new rule; a second one just like it is a 409."""
    group = network.own("security_group", scope, record["security_group_id"])
    record["project_id"] = record["tenant_id"] = group["project_id"]
    record["direction"] = str(record["direction"]).lower()
    _check_choice("direction", record["direction"], ("ingress", "egress"))
    record["ethertype"] = {"ipv4": "IPv4", "ipv6": "IPv6"}.get(str(record["ethertype"]).lower(), record["ethertype"])
    _check_choice("ethertype", record["ethertype"], ("IPv4", "IPv6"))
    record["protocol"] = None if record["protocol"] in (None, "", "any", "-1") else str(record["protocol"]).lower()
    _check_ports(record)
    _check_remote(network, scope, record)
    same = tuple(record[key] for key in IDENTITY)
    for other in rules_of(network, group["id"]):
        if tuple(other[key] for key in IDENTITY) == same:
            raise errors.conflict(
                f"Security group rule already exists. Rule id is {other['id']}.", "SecurityGroupRuleExists"
            )


def _check_ports(record: Record) -> None:
    least, most, protocol = record["port_range_min"], record["port_range_max"], record["protocol"]
    if least is None and most is None:
        return
    if protocol in ("icmp", "ipv6-icmp", "icmpv6", "1"):
        return
    if protocol not in WITH_PORTS:
        message = "Must also specify protocol if port range is given."
        raise errors.bad_request(message, "SecurityGroupProtocolRequiredWithPorts")
    if least is None or most is None or not 0 < least <= most <= 65535:
        raise errors.bad_request(
            f"For TCP/UDP protocols, port_range_min must be <= port_range_max (given {least} and {most}).",
            "SecurityGroupInvalidPortRange",
        )


def _check_remote(network: "Network", scope: Scope, record: Record) -> None:
    if record["remote_group_id"] and record["remote_ip_prefix"]:
        message = "Only remote_ip_prefix, remote_group_id or remote_address_group_id may be provided."
        raise errors.bad_request(message, "SecurityGroupMultipleRemoteEntites")
    if record["remote_group_id"]:
        network.own("security_group", scope, record["remote_group_id"])
    if record["remote_ip_prefix"]:
        record["remote_ip_prefix"] = _prefix(record["remote_ip_prefix"], record["ethertype"])


def _prefix(value: str, ethertype: str) -> str:
    try:
        prefix = ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        raise invalid("remote_ip_prefix", f"'{value}' is not a valid IP subnet") from error
    if f"IPv{prefix.version}" != ethertype:
        message = f"Conflicting value ethertype {ethertype} for CIDR {value}"
        raise errors.bad_request(message, "SecurityGroupRuleParameterConflict")
    return str(prefix)


def _check_choice(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise invalid(name, f"'{value}' is not in {list(allowed)}")


def _add_rule(network: "Network", group: Record, **values: str) -> None:
    given = {**values, "security_group_id": group["id"]}
    rule = network.blank("security_group_rule", complete(KINDS["security_group_rule"], given), group["project_id"])
    network.records["security_group_rule"].add(rule)
