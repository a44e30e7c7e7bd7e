# SPDX-License-Identifier: Apache-2.0
"""The attributes of each kind of Octavia thing."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.records import Record, clone

COMMON: Record = {"name": "", "description": "", "admin_state_up": True, "tags": []}
ATTRIBUTES: dict[str, Record] = {
    "loadbalancer": {
        **COMMON,
        "vip_subnet_id": None,
        "vip_network_id": None,
        "vip_port_id": None,
        "vip_address": None,
        "vip_qos_policy_id": None,
        "provider": "amphora",
        "flavor_id": None,
        "availability_zone": None,
    },
    "listener": {
        **COMMON,
        "loadbalancer_id": None,
        "protocol": None,
        "protocol_port": None,
        "default_pool_id": None,
        "connection_limit": -1,
        "allowed_cidrs": None,
        "timeout_client_data": 50000,
        "timeout_member_connect": 5000,
        "timeout_member_data": 50000,
        "timeout_tcp_inspect": 0,
    },
    "pool": {
        **COMMON,
        "loadbalancer_id": None,
        "listener_id": None,
        "protocol": None,
        "lb_algorithm": None,
        "session_persistence": None,
    },
    "member": {
        **COMMON,
        "pool_id": None,
        "address": None,
        "protocol_port": None,
        "subnet_id": None,
        "weight": 1,
        "backup": False,
        "monitor_address": None,
        "monitor_port": None,
    },
    "healthmonitor": {
        **COMMON,
        "pool_id": None,
        "type": None,
        "delay": None,
        "timeout": None,
        "max_retries": None,
        "max_retries_down": 3,
        "http_method": None,
        "url_path": None,
        "expected_codes": None,
    },
}
REQUIRED = {
    "loadbalancer": (),
    "listener": ("loadbalancer_id", "protocol", "protocol_port"),
    "pool": ("protocol", "lb_algorithm"),
    "member": ("pool_id", "address", "protocol_port"),
    "healthmonitor": ("pool_id", "type", "delay", "timeout", "max_retries"),
}
CHOICES = {
    ("listener", "protocol"): ("TCP", "HTTP", "HTTPS", "TERMINATED_HTTPS", "UDP", "SCTP", "PROMETHEUS"),
    ("pool", "protocol"): ("TCP", "HTTP", "HTTPS", "PROXY", "PROXYV2", "UDP", "SCTP"),
    ("pool", "lb_algorithm"): ("ROUND_ROBIN", "LEAST_CONNECTIONS", "SOURCE_IP", "SOURCE_IP_PORT"),
    ("healthmonitor", "type"): ("TCP", "HTTP", "HTTPS", "PING", "TLS-HELLO", "UDP-CONNECT", "SCTP"),
    ("loadbalancer", "provider"): ("amphora", "ovn", "octavia"),
}
FIXED = {
    "loadbalancer": ("vip_subnet_id", "vip_network_id", "vip_port_id", "vip_address", "provider", "flavor_id"),
    "listener": ("loadbalancer_id", "protocol", "protocol_port"),
    "pool": ("loadbalancer_id", "listener_id", "protocol"),
    "member": ("pool_id", "address", "protocol_port", "subnet_id"),
    "healthmonitor": ("pool_id", "type"),
}


def complete(kind: str, given: Mapping[str, Any]) -> Record:
    """Check what is given for a new thing and fill in the defaults."""
    given = {key: value for key, value in given.items() if value is not None and key not in ("project_id", "tenant_id")}
    for key in REQUIRED[kind]:
        if key not in given:
            raise errors.bad_request(
                f"Invalid input for field/attribute {key}. Value: 'None'. Mandatory field missing."
            )
    _check(kind, given)
    return {**clone(ATTRIBUTES[kind]), **clone(dict(given))}


def changes(kind: str, given: Mapping[str, Any]) -> Record:
    """Check what is given for a change; what is null goes back to the default."""
    for key in given:
        if key in FIXED[kind]:
            raise errors.bad_request(f"Invalid input for field/attribute {key}. It cannot be changed.")
    _check(kind, {key: value for key, value in given.items() if value is not None})
    return {key: clone(ATTRIBUTES[kind][key] if value is None else value) for key, value in given.items()}


def _check(kind: str, given: Mapping[str, Any]) -> None:
    for key, value in given.items():
        if key not in ATTRIBUTES[kind]:
            raise errors.bad_request(f"Unknown attribute for argument {kind}: {key}")
        allowed = CHOICES.get((kind, key))
        if allowed and value not in allowed:
            raise _invalid(key, value, f"Value should be one of: {', '.join(sorted(allowed))}")
        if key in ("protocol_port", "monitor_port") and not _is_number(value, 1, 65535):
            raise _invalid(key, value, "Value should be a port number from 1 to 65535.")
        if key in ("delay", "timeout", "max_retries") and not _is_number(
            value, 1, 10 if key == "max_retries" else 2**31
        ):
            raise _invalid(key, value, "Value should be a number of 1 or more.")
        if key == "address" and not _is_address(value):
            raise _invalid(key, value, "Value should be IPv4 or IPv6 format")
        if key == "allowed_cidrs":
            _check_cidrs(value)


def _check_cidrs(value: Any) -> None:
    for cidr in value if isinstance(value, list) else [value]:
        try:
            ipaddress.ip_network(str(cidr), strict=False)
        except ValueError as error:
            raise _invalid("allowed_cidrs", cidr, "Value should be IPv4 or IPv6 CIDR format") from error


def _is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_address(value: Any) -> bool:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return False
    return True


def _invalid(key: str, value: Any, reason: str) -> errors.CloudFault:
    return errors.bad_request(f"Invalid input for field/attribute {key}. Value: '{value}'. {reason}")
