# SPDX-License-Identifier: Apache-2.0
"""OS::Neutron::Port, OS::Neutron::FloatingIP and OS::Neutron::FloatingIPAssociation."""

from collections.abc import Iterable, Mapping

from magnum_lite.pocketcloud.heat.resource_type import cloud_of
from magnum_lite.pocketcloud.heat.resources.networks import NETWORK
from magnum_lite.pocketcloud.heat.resources.neutron import NeutronResource, forgive_missing, of_type, sent, value_specs
from magnum_lite.pocketcloud.heat.schema import AllowedValues, Custom, Property, Schema, boolean, list_, map_, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.template import ResourceDefinition, Template
from magnum_lite.pocketcloud.heat.values import Json

SUBNET = Custom("neutron.subnet")
PORT = Custom("neutron.port")
ROUTER_PARTS = ("OS::Neutron::RouterInterface", "OS::Neutron::Router")
# The schema of an address is shared by ports and by servers' networks.
FIXED_IP: Mapping[str, Property] = {"subnet": string(SUBNET), "ip_address": string(Custom("ip_addr"))}


class Port(NeutronResource):
    """A port."""

    name = "OS::Neutron::Port"
    kind = "port"
    properties: Schema = {
        "network": string(NETWORK, required=True),
        "name": string(changes=True),
        "admin_state_up": boolean(changes=True, default=True),
        "fixed_ips": list_(map_(FIXED_IP), changes=True),
        "security_groups": list_(string(), changes=True),
        "allowed_address_pairs": list_(
            map_({"ip_address": string(required=True), "mac_address": string()}), changes=True
        ),
        "mac_address": string(changes=True),
        "device_id": string(changes=True),
        "device_owner": string(changes=True),
        "binding:vnic_type": string(AllowedValues(("normal", "direct", "macvtap")), changes=True, default="normal"),
        "port_security_enabled": boolean(changes=True),
        "dns_name": string(changes=True),
        "value_specs": value_specs(),
    }
    attributes = (
        "admin_state_up",
        "allowed_address_pairs",
        "device_id",
        "device_owner",
        "fixed_ips",
        "mac_address",
        "name",
        "network_id",
        "security_groups",
        "status",
        "tenant_id",
        "subnets",
        "port_security_enabled",
        "dns_assignment",
        "show",
    )

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Neutron, with ids in place of names."""
        body = sent(wanted, network="network_id")
        if "network_id" in body:
            body["network_id"] = self.find(resource, "network", body["network_id"])
        if "security_groups" in body:
            body["security_groups"] = [self.find(resource, "security_group", one) for one in body["security_groups"]]
        if "fixed_ips" in body:
            body["fixed_ips"] = [self._fixed_ip(resource, one) for one in body["fixed_ips"]]
        if "allowed_address_pairs" in body:
            body["allowed_address_pairs"] = [sent(one) for one in body["allowed_address_pairs"]]
        return body

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give what Neutron says under this name; `subnets` are the subnets of the port's addresses."""
        if name != "subnets":
            return super().attribute(resource, name)
        network = cloud_of(resource).network
        fixed_ips = self.show(resource)["fixed_ips"]
        return [network.get("subnet", resource.scope, one["subnet_id"]) for one in fixed_ips]

    def make_way(self, resource: Resource) -> None:
        """Give the addresses up, since the new port may want the same ones."""
        network = cloud_of(resource).network
        forgive_missing(lambda: network.update("port", resource.scope, str(resource.physical_id), {"fixed_ips": []}))

    def also_requires(self, definition: ResourceDefinition, template: Template) -> Iterable[str]:
        """Give the subnets of the port's network that the same template makes."""
        network = definition.properties.get("network")
        subnets = of_type(template, "OS::Neutron::Subnet")
        return (name for name in subnets if template.resources[name].properties.get("network") == network)

    def _fixed_ip(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        body = sent(wanted, subnet="subnet_id")
        if "subnet_id" in body:
            body["subnet_id"] = self.find(resource, "subnet", body["subnet_id"])
        return body


class FloatingIP(NeutronResource):
    """A floating IP, perhaps of a port."""

    name = "OS::Neutron::FloatingIP"
    kind = "floatingip"
    properties: Schema = {
        "floating_network": string(NETWORK, required=True),
        "floating_subnet": string(SUBNET),
        "port_id": string(PORT, changes=True),
        "fixed_ip_address": string(Custom("ip_addr"), changes=True),
        "floating_ip_address": string(Custom("ip_addr")),
        "value_specs": value_specs(),
    }
    attributes = (
        "router_id",
        "tenant_id",
        "floating_network_id",
        "fixed_ip_address",
        "floating_ip_address",
        "port_id",
        "show",
    )

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Neutron; in an update, no port means taking it off."""
        body = sent(wanted, floating_network="floating_network_id", floating_subnet="subnet_id")
        if "floating_network_id" in body:
            body["floating_network_id"] = self.find(resource, "network", body["floating_network_id"])
        if "subnet_id" in body:
            body["subnet_id"] = self.find(resource, "subnet", body["subnet_id"])
        if "port_id" in wanted and wanted["port_id"] is None and resource.physical_id is not None:
            body["port_id"] = None
        return body

    def also_requires(self, definition: ResourceDefinition, template: Template) -> Iterable[str]:
        """Give the template's routers, through which the address is reached, for one that has a port."""
        return of_type(template, *ROUTER_PARTS)


class FloatingIPAssociation(NeutronResource):
    """A floating IP's tie to a port; its id is `<floating ip>:<port>`."""

    name = "OS::Neutron::FloatingIPAssociation"
    kind = "floatingip"
    properties: Schema = {
        "floatingip_id": string(required=True, changes=True),
        "port_id": string(PORT, required=True, changes=True),
        "fixed_ip": string(Custom("ip_addr"), changes=True),
    }
    attributes = ("show",)

    def create(self, resource: Resource) -> None:
        """Tie them."""
        self._tie(resource)

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Tie to another port, or another address."""
        if "floatingip_id" in changed:
            self.remove(resource)
        self._tie(resource)

    def remove(self, resource: Resource) -> None:
        """Take the floating IP off the port."""
        if resource.physical_id is not None:
            ident = resource.physical_id.partition(":")[0]
            network = cloud_of(resource).network
            forgive_missing(lambda: network.update("floatingip", resource.scope, ident, {"port_id": None}))

    def show(self, resource: Resource) -> dict[str, Json]:
        """Give what Neutron says of the floating IP."""
        ident = str(resource.physical_id).partition(":")[0]
        return cloud_of(resource).network.get("floatingip", resource.scope, ident)

    def also_requires(self, definition: ResourceDefinition, template: Template) -> Iterable[str]:
        """Give the template's routers, through which the address is reached."""
        return of_type(template, *ROUTER_PARTS)

    def _tie(self, resource: Resource) -> None:
        wanted = resource.wanted
        body = {"port_id": self.find(resource, "port", wanted["port_id"])}
        if wanted["fixed_ip"] is not None:
            body["fixed_ip_address"] = wanted["fixed_ip"]
        cloud_of(resource).network.update("floatingip", resource.scope, wanted["floatingip_id"], body)
        resource.physical_id = f"{wanted['floatingip_id']}:{body['port_id']}"
