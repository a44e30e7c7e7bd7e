# SPDX-License-Identifier: Apache-2.0
"""OS::Neutron::Router and OS::Neutron::RouterInterface."""

from collections.abc import Iterable, Mapping

from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.resource_type import cloud_of
from magnum_lite.pocketcloud.heat.resources.networks import NETWORK
from magnum_lite.pocketcloud.heat.resources.neutron import NeutronResource, forgive_missing, of_type, sent, value_specs
from magnum_lite.pocketcloud.heat.schema import Custom, Schema, boolean, list_, map_, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.template import ResourceDefinition, Template
from magnum_lite.pocketcloud.heat.values import Json


class Router(NeutronResource):
    """A router, perhaps with a gateway to an external network."""

    name = "OS::Neutron::Router"
    kind = "router"
    properties: Schema = {
        "name": string(changes=True),
        "external_gateway_info": map_(
            {
                "network": string(NETWORK, required=True),
                "enable_snat": boolean(),
                "external_fixed_ips": list_(map_({"ip_address": string(), "subnet": string()})),
            },
            changes=True,
        ),
        "admin_state_up": boolean(changes=True, default=True),
        "distributed": boolean(),
        "ha": boolean(),
        "value_specs": value_specs(),
    }
    attributes = ("status", "external_gateway_info", "name", "admin_state_up", "tenant_id", "show")

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Neutron."""
        body = sent(wanted)
        gateway = body.pop("external_gateway_info", None)
        if gateway is not None:
            body["external_gateway_info"] = self._gateway(resource, gateway)
        elif "external_gateway_info" in wanted and resource.physical_id is not None:
            body["external_gateway_info"] = None
        return body

    def also_requires(self, definition: ResourceDefinition, template: Template) -> Iterable[str]:
        """Give the subnets on an external network that the same template makes."""
        gateway = definition.properties.get("external_gateway_info")
        network = gateway.get("network") if isinstance(gateway, Mapping) else None
        return (
            name
            for name in of_type(template, "OS::Neutron::Subnet")
            if network is not None and template.resources[name].properties.get("network") == network
        )

    def _gateway(self, resource: Resource, gateway: Mapping[str, Json]) -> dict[str, Json]:
        body: dict[str, Json] = {"network_id": self.find(resource, "network", gateway["network"])}
        if gateway.get("enable_snat") is not None:
            body["enable_snat"] = gateway["enable_snat"]
        if gateway.get("external_fixed_ips"):
            body["external_fixed_ips"] = [
                {"subnet_id" if key == "subnet" else key: value for key, value in one.items() if value is not None}
                for one in gateway["external_fixed_ips"]
            ]
        return body


class RouterInterface(NeutronResource):
    """A router's leg in a subnet; its id is `<router>:subnet_id=<subnet>` or `<router>:port_id=<port>`."""

    name = "OS::Neutron::RouterInterface"
    kind = "port"
    properties: Schema = {
        "router": string(Custom("neutron.router"), required=True),
        "subnet": string(Custom("neutron.subnet")),
        "port": string(Custom("neutron.port")),
    }

    def create(self, resource: Resource) -> None:
        """Add the interface."""
        router = self.find(resource, "router", resource.wanted["router"])
        subnet, port = resource.wanted["subnet"], resource.wanted["port"]
        if (subnet is None) == (port is None):
            raise refusals.invalid(
                "At least one of the following properties must be specified, not both: subnet, port."
            )
        kind, name = ("subnet", subnet) if subnet is not None else ("port", port)
        ident = self.find(resource, kind, name)
        cloud_of(resource).network.add_router_interface(resource.scope, router, **{f"{kind}_id": ident})
        resource.physical_id = f"{router}:{kind}_id={ident}"

    def remove(self, resource: Resource) -> None:
        """Take the interface away."""
        if resource.physical_id is None:
            return
        router, _, leg = resource.physical_id.partition(":")
        key, _, ident = leg.partition("=")
        network = cloud_of(resource).network
        forgive_missing(lambda: network.remove_router_interface(resource.scope, router, **{key: ident}))

    def show(self, resource: Resource) -> dict[str, Json]:
        """Give nothing, as Heat does not look at interfaces."""
        return {}
