# SPDX-License-Identifier: Apache-2.0
"""The attributes of each kind of Neutron thing: which there are, what they default to, and what they take."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.records import Record, clone


@dataclasses.dataclass(frozen=True)
class Attribute:
    """One attribute a caller may set; `takes` is text, boolean, integer, list or object."""

    takes: str
    default: Any = None
    updatable: bool = True
    required: bool = False


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind: its name on the wire, the words for it in messages, and its attributes."""

    name: str
    plural: str
    label: str
    word: str
    attributes: Mapping[str, Attribute]


TEXT = Attribute("text", "")
FLAG = Attribute("boolean", True)
OWNED = {
    "name": TEXT,
    "description": TEXT,
    "project_id": Attribute("text", "", updatable=False),
    "tenant_id": Attribute("text", "", updatable=False),
}

KINDS = {
    "network": Kind(
        "network",
        "networks",
        "Network",
        "Network",
        {
            **OWNED,
            "admin_state_up": FLAG,
            "shared": Attribute("boolean", False),
            "router:external": Attribute("boolean", False),
            "mtu": Attribute("integer", 1500),
            "port_security_enabled": FLAG,
            "dns_domain": TEXT,
            "is_default": Attribute("boolean", False),
            "availability_zone_hints": Attribute("list", [], updatable=False),
        },
    ),
    "subnet": Kind(
        "subnet",
        "subnets",
        "Subnet",
        "Subnet",
        {
            **OWNED,
            "network_id": Attribute("text", required=True, updatable=False),
            "cidr": Attribute("text", required=True, updatable=False),
            "ip_version": Attribute("integer", 4, updatable=False),
            "gateway_ip": Attribute("text"),
            "allocation_pools": Attribute("list"),
            "dns_nameservers": Attribute("list", []),
            "host_routes": Attribute("list", []),
            "enable_dhcp": FLAG,
            "ipv6_address_mode": Attribute("text", updatable=False),
            "ipv6_ra_mode": Attribute("text", updatable=False),
            "subnetpool_id": Attribute("text", updatable=False),
            "service_types": Attribute("list", []),
        },
    ),
    "router": Kind(
        "router",
        "routers",
        "Router",
        "Router",
        {
            **OWNED,
            "admin_state_up": FLAG,
            "external_gateway_info": Attribute("object"),
            "routes": Attribute("list", []),
            "availability_zone_hints": Attribute("list", [], updatable=False),
            "distributed": Attribute("boolean", False),
            "ha": Attribute("boolean", False),
        },
    ),
    "port": Kind(
        "port",
        "ports",
        "Port",
        "Port",
        {
            **OWNED,
            "network_id": Attribute("text", required=True, updatable=False),
            "admin_state_up": FLAG,
            "fixed_ips": Attribute("list"),
            "mac_address": Attribute("text"),
            "security_groups": Attribute("list"),
            "allowed_address_pairs": Attribute("list", []),
            "device_id": TEXT,
            "device_owner": TEXT,
            "port_security_enabled": FLAG,
            "binding:vnic_type": Attribute("text", "normal"),
            "binding:host_id": TEXT,
            "binding:profile": Attribute("object", {}),
            "dns_name": TEXT,
            "extra_dhcp_opts": Attribute("list", []),
            "qos_policy_id": Attribute("text"),
        },
    ),
    "security_group": Kind(
        "security_group",
        "security_groups",
        "Security group",
        "SecurityGroup",
        {**OWNED, "stateful": FLAG},
    ),
    "security_group_rule": Kind(
        "security_group_rule",
        "security_group_rules",
        "Security group rule",
        "SecurityGroupRule",
        {
            **{key: dataclasses.replace(one, updatable=False) for key, one in OWNED.items() if key != "name"},
            "security_group_id": Attribute("text", required=True, updatable=False),
            "direction": Attribute("text", required=True, updatable=False),
            "ethertype": Attribute("text", "IPv4", updatable=False),
            "protocol": Attribute("text", updatable=False),
            "port_range_min": Attribute("integer", updatable=False),
            "port_range_max": Attribute("integer", updatable=False),
            "remote_ip_prefix": Attribute("text", updatable=False),
            "remote_group_id": Attribute("text", updatable=False),
            "remote_address_group_id": Attribute("text", updatable=False),
        },
    ),
    "floatingip": Kind(
        "floatingip",
        "floatingips",
        "Floating IP",
        "FloatingIP",
        {
            **{key: one for key, one in OWNED.items() if key != "name"},
            "floating_network_id": Attribute("text", required=True, updatable=False),
            "floating_ip_address": Attribute("text", updatable=False),
            "subnet_id": Attribute("text", updatable=False),
            "port_id": Attribute("text"),
            "fixed_ip_address": Attribute("text"),
            "dns_name": TEXT,
            "dns_domain": TEXT,
        },
    ),
}


def complete(kind: Kind, given: Mapping[str, Any]) -> Record:
    """Check what is given for a new thing and fill in the defaults."""
    _check_known(kind, given)
    for name, attribute in kind.attributes.items():
        if attribute.required and given.get(name) in (None, ""):
            raise errors.bad_request(
                f"Failed to parse request. Required attribute '{name}' not specified", "HTTPBadRequest"
            )
    return {
        name: _read(name, attribute, given[name]) if name in given else clone(attribute.default)
        for name, attribute in kind.attributes.items()
    }


def changes(kind: Kind, given: Mapping[str, Any]) -> Record:
    """Check what is given for a change."""
    _check_known(kind, given)
    for name in given:
        if not kind.attributes[name].updatable:
            raise errors.bad_request(f"Cannot update read-only attribute {name}", "HTTPBadRequest")
    return {name: _read(name, kind.attributes[name], value) for name, value in given.items()}


def _check_known(kind: Kind, given: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - set(kind.attributes))
    if unknown:
        raise errors.bad_request(f"Unrecognized attribute(s) '{', '.join(unknown)}'", "HTTPBadRequest")


def _read(name: str, attribute: Attribute, value: Any) -> Any:
    if value is None:
        return clone(attribute.default)
    if attribute.takes == "boolean":
        return _boolean(name, value)
    if attribute.takes == "integer":
        return _integer(name, value)
    wanted: type = {"text": str, "list": list, "object": dict}[attribute.takes]
    if attribute.takes == "text" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, wanted):
        raise invalid(name, f"'{value}' is not a valid {attribute.takes}")
    return clone(value)


def _boolean(name: str, value: Any) -> bool:
    text = str(value).lower()
    if text not in ("true", "false", "1", "0"):
        raise invalid(name, f"'{value}' is not a valid boolean value")
    return text in ("true", "1")


def _integer(name: str, value: Any) -> int:
    if isinstance(value, bool) or not str(value).lstrip("-").isdigit():
        raise invalid(name, f"'{value}' is not an integer")
    return int(value)


def invalid(name: str, reason: str) -> CloudFault:
    """Make Neutron's 400 for an attribute's value."""
    return errors.bad_request(f"Invalid input for {name}. Reason: {reason}.", "HTTPBadRequest")
