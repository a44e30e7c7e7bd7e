# SPDX-License-Identifier: Apache-2.0
"""OS::Octavia::LoadBalancer, Listener, Pool, PoolMember and HealthMonitor."""

from collections.abc import Mapping

from magnum_lite.pocketcloud.heat.resource_type import cloud_of
from magnum_lite.pocketcloud.heat.resources.networks import NETWORK
from magnum_lite.pocketcloud.heat.resources.octavia import OctaviaResource
from magnum_lite.pocketcloud.heat.resources.ports import SUBNET
from magnum_lite.pocketcloud.heat.schema import (
    AllowedValues,
    Custom,
    Property,
    Range,
    Schema,
    boolean,
    integer,
    list_,
    map_,
    string,
)
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json

PORT_NUMBER = Range(1, 65535)
PROTOCOLS = ("HTTP", "HTTPS", "PROXY", "PROXYV2", "TCP", "UDP", "SCTP")
ALGORITHMS = ("ROUND_ROBIN", "LEAST_CONNECTIONS", "SOURCE_IP", "SOURCE_IP_PORT")
PERSISTENCES = ("SOURCE_IP", "HTTP_COOKIE", "APP_COOKIE")
CHECKS = ("PING", "TCP", "HTTP", "HTTPS", "UDP-CONNECT", "TLS-HELLO")


def _described() -> dict[str, Property]:
    return {
        "name": string(changes=True),
        "description": string(changes=True, default=""),
        "admin_state_up": boolean(changes=True, default=True),
    }


class LoadBalancer(OctaviaResource):
    """A load balancer with its virtual address."""

    name = "OS::Octavia::LoadBalancer"
    kind = "loadbalancer"
    properties: Schema = {
        **_described(),
        "vip_subnet": string(SUBNET),
        "vip_network": string(NETWORK),
        "vip_address": string(Custom("ip_addr")),
        "provider": string(),
        "flavor": string(),
        "availability_zone": string(),
        "tags": list_(string(), changes=True),
    }
    attributes = ("vip_address", "vip_port_id", "vip_subnet_id", "flavor_id", "pools", "show")

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Octavia, with ids in place of names."""
        body = super().body(resource, wanted)
        network = cloud_of(resource).network
        for key, kind in (("vip_subnet", "subnet"), ("vip_network", "network")):
            if key in body:
                body[f"{key}_id"] = network.find(kind, resource.scope, body.pop(key))["id"]
        if "flavor" in body:
            body["flavor_id"] = body.pop("flavor")
        return body


class Listener(OctaviaResource):
    """A port that a load balancer listens on."""

    name = "OS::Octavia::Listener"
    kind = "listener"
    properties: Schema = {
        **_described(),
        "protocol": string(AllowedValues((*PROTOCOLS, "TERMINATED_HTTPS")), required=True),
        "protocol_port": integer(PORT_NUMBER, required=True),
        "loadbalancer": string(),
        "default_pool": string(changes=True),
        "connection_limit": integer(Range(-1), changes=True, default=-1),
        "allowed_cidrs": list_(string(Custom("net_cidr")), changes=True),
        "default_tls_container_ref": string(changes=True),
        "tags": list_(string(), changes=True),
    }
    attributes = ("loadbalancers", "default_pool_id", "show")

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Octavia."""
        return _renamed(super().body(resource, wanted), loadbalancer="loadbalancer_id", default_pool="default_pool_id")


class Pool(OctaviaResource):
    """The servers that a listener spreads its connections over."""

    name = "OS::Octavia::Pool"
    kind = "pool"
    properties: Schema = {
        **_described(),
        "lb_algorithm": string(AllowedValues(ALGORITHMS), required=True, changes=True),
        "protocol": string(AllowedValues(PROTOCOLS), required=True),
        "listener": string(),
        "loadbalancer": string(),
        "session_persistence": map_(
            {"type": string(AllowedValues(PERSISTENCES), required=True), "cookie_name": string()}, changes=True
        ),
        "tls_enabled": boolean(changes=True),
        "tags": list_(string(), changes=True),
    }
    attributes = ("listeners", "members", "healthmonitor_id", "show")

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Octavia."""
        return _renamed(super().body(resource, wanted), listener="listener_id", loadbalancer="loadbalancer_id")


class PoolMember(OctaviaResource):
    """One server of a pool."""

    name = "OS::Octavia::PoolMember"
    kind = "member"
    properties: Schema = {
        "name": string(changes=True),
        "pool": string(required=True),
        "address": string(Custom("ip_addr"), required=True),
        "protocol_port": integer(PORT_NUMBER, required=True),
        "subnet": string(SUBNET),
        "weight": integer(Range(0, 256), changes=True),
        "monitor_address": string(Custom("ip_addr"), changes=True),
        "monitor_port": integer(PORT_NUMBER, changes=True),
        "admin_state_up": boolean(changes=True, default=True),
        "backup": boolean(changes=True),
        "tags": list_(string(), changes=True),
    }
    attributes = ("address", "pool_id", "show")

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Octavia."""
        body = _renamed(super().body(resource, wanted), pool="pool_id")
        if "subnet" in body:
            body["subnet_id"] = cloud_of(resource).network.find("subnet", resource.scope, body.pop("subnet"))["id"]
        return body


class HealthMonitor(OctaviaResource):
    """What finds out whether a pool's servers are well."""

    name = "OS::Octavia::HealthMonitor"
    kind = "healthmonitor"
    properties: Schema = {
        "name": string(changes=True),
        "pool": string(required=True),
        "type": string(AllowedValues(CHECKS), required=True),
        "delay": integer(Range(0), required=True, changes=True),
        "timeout": integer(Range(0), required=True, changes=True),
        "max_retries": integer(Range(1, 10), required=True, changes=True),
        "max_retries_down": integer(Range(1, 10), changes=True),
        "http_method": string(changes=True),
        "url_path": string(changes=True),
        "expected_codes": string(changes=True),
        "admin_state_up": boolean(changes=True, default=True),
        "tags": list_(string(), changes=True),
    }
    attributes = ("pools", "show")

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Octavia."""
        return _renamed(super().body(resource, wanted), pool="pool_id")


def _renamed(body: dict[str, Json], **names: str) -> dict[str, Json]:
    return {names.get(name, name): value for name, value in body.items()}
