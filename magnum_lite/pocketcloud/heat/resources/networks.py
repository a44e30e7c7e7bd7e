# SPDX-License-Identifier: Apache-2.0
"""OS::Neutron::Net and OS::Neutron::Subnet."""

from collections.abc import Mapping

from magnum_lite.pocketcloud.heat.resources.neutron import NeutronResource, sent, value_specs
from magnum_lite.pocketcloud.heat.schema import AllowedValues, Custom, Schema, boolean, integer, list_, map_, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json

NETWORK = Custom("neutron.network")


class Net(NeutronResource):
    """A network."""

    name = "OS::Neutron::Net"
    kind = "network"
    properties: Schema = {
        "name": string(changes=True),
        "admin_state_up": boolean(changes=True, default=True),
        "tenant_id": string(),
        "shared": boolean(changes=True),
        "port_security_enabled": boolean(changes=True),
        "dns_domain": string(changes=True),
        "value_specs": value_specs(),
    }
    attributes = ("status", "name", "subnets", "admin_state_up", "tenant_id", "port_security_enabled", "mtu", "show")


class Subnet(NeutronResource):
    """A subnet."""

    name = "OS::Neutron::Subnet"
    kind = "subnet"
    properties: Schema = {
        "network": string(NETWORK, required=True),
        "cidr": string(Custom("net_cidr"), required=True),
        "name": string(changes=True),
        "ip_version": integer(AllowedValues((4, 6)), default=4),
        "gateway_ip": string(changes=True),
        "enable_dhcp": boolean(changes=True, default=True),
        "dns_nameservers": list_(string(), changes=True, default=[]),
        "allocation_pools": list_(map_({"start": string(required=True), "end": string(required=True)}), changes=True),
        "host_routes": list_(map_({"destination": string(), "nexthop": string()}), changes=True),
        "tenant_id": string(),
        "value_specs": value_specs(),
    }
    attributes = (
        "name",
        "network_id",
        "tenant_id",
        "allocation_pools",
        "gateway_ip",
        "host_routes",
        "ip_version",
        "cidr",
        "dns_nameservers",
        "enable_dhcp",
        "show",
    )

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Neutron; an empty gateway means none."""
        body = sent(wanted, network="network_id")
        if "network_id" in body:
            body["network_id"] = self.find(resource, "network", body["network_id"])
        if body.get("gateway_ip") == "":
            body["gateway_ip"] = None
        return body
