# SPDX-License-Identifier: Apache-2.0
"""OS::Nova::Server."""

from collections.abc import Iterable, Mapping
from functools import partial

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.resource_type import ResourceType, cloud_of
from magnum_lite.pocketcloud.heat.resources import user_data
from magnum_lite.pocketcloud.heat.resources.networks import NETWORK
from magnum_lite.pocketcloud.heat.resources.neutron import forgive_missing, name_for, of_type
from magnum_lite.pocketcloud.heat.resources.ports import PORT, SUBNET
from magnum_lite.pocketcloud.heat.schema import AllowedValues, Custom, Schema, boolean, integer, list_, map_, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.template import ResourceDefinition, Template
from magnum_lite.pocketcloud.heat.values import Json

USER_DATA = frozenset({"user_data", "user_data_format"})
IN_PLACE = frozenset({"name", "metadata", "user_data_update_policy", "image_update_policy", "flavor_update_policy"})
VOLUME_MAPPING: Schema = {
    "device_name": string(),
    "volume_id": string(Custom("cinder.volume")),
    "image": string(Custom("glance.image")),
    "snapshot_id": string(),
    "device_type": string(),
    "disk_bus": string(),
    "boot_index": integer(),
    "volume_size": integer(),
    "volume_type": string(Custom("cinder.vtype")),
    "delete_on_termination": boolean(),
}
LEG: Schema = {
    "network": string(NETWORK),
    "port": string(PORT),
    "subnet": string(SUBNET),
    "fixed_ip": string(Custom("ip_addr")),
}


class Server(ResourceType):
    """A server. A change of image or flavor makes a new one, since this cloud neither rebuilds nor resizes."""

    name = "OS::Nova::Server"
    properties: Schema = {
        "name": string(changes=True),
        "image": string(Custom("glance.image")),
        "flavor": string(Custom("nova.flavor"), required=True),
        "image_update_policy": string(
            AllowedValues(("REBUILD", "REPLACE", "REBUILD_PRESERVE_EPHEMERAL")), default="REBUILD"
        ),
        "flavor_update_policy": string(AllowedValues(("RESIZE", "REPLACE")), default="RESIZE"),
        "key_name": string(Custom("nova.keypair")),
        "availability_zone": string(),
        "block_device_mapping_v2": list_(map_(VOLUME_MAPPING)),
        "security_groups": list_(string(), default=[]),
        "networks": list_(map_(LEG)),
        "scheduler_hints": map_(),
        "metadata": map_(changes=True),
        "user_data": string(default=""),
        "user_data_format": string(AllowedValues(user_data.FORMATS), default="HEAT_CFNTOOLS"),
        "user_data_update_policy": string(AllowedValues(("REPLACE", "IGNORE")), default="REPLACE"),
        "config_drive": boolean(),
        "tags": list_(string()),
    }
    attributes = ("name", "addresses", "networks", "first_address", "accessIPv4", "accessIPv6", "show")

    def create(self, resource: Resource) -> None:
        """Ask Nova for the server."""
        wanted = resource.wanted
        body = {
            "name": wanted["name"] or name_for(resource),
            "flavorRef": cloud_of(resource).compute.find_flavor(resource.scope, wanted["flavor"])["id"],
            "networks": [self._leg(resource, leg) for leg in wanted["networks"] or []] or None,
            "security_groups": [{"name": name} for name in wanted["security_groups"] or []],
            "user_data": user_data.encoded(wanted["user_data"], wanted["user_data_format"]),
            "os:scheduler_hints": wanted["scheduler_hints"],
            "block_device_mapping_v2": [_volume(one) for one in wanted["block_device_mapping_v2"] or []],
            **{key: wanted[key] for key in ("key_name", "availability_zone", "metadata", "config_drive", "tags")},
        }
        if wanted["image"] is not None:
            body["imageRef"] = cloud_of(resource).image.find(resource.scope, wanted["image"])["id"]
        body = {key: value for key, value in body.items() if value not in (None, [], {}, "")}
        resource.physical_id = cloud_of(resource).compute.create_server(resource.scope, body)["id"]

    def is_created(self, resource: Resource) -> bool:
        """Say whether the server is running; fail with Nova's own words if it broke."""
        server = self._server(resource)
        if server["status"] == "ERROR":
            fault = server.get("fault") or {}
            raise refusals.in_error(
                "ERROR", f"Message: {fault.get('message', 'Unknown')}, Code: {fault.get('code', 'Unknown')}"
            )
        return bool(server["status"] == "ACTIVE")

    def can_change(self, resource: Resource, changed: frozenset[str]) -> bool:
        """Say that name and metadata can; user data can if its change is to be ignored."""
        ignored = USER_DATA if resource.properties.get("user_data_update_policy") == "IGNORE" else frozenset()
        return changed <= IN_PLACE | ignored

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Change name and metadata."""
        values = {key: resource.wanted[key] for key in changed & {"name", "metadata"}}
        cloud_of(resource).compute.update_server(resource.scope, str(resource.physical_id), values)

    def make_way(self, resource: Resource) -> None:
        """Give the ports up that the new server is to have."""
        network = cloud_of(resource).network
        for leg in resource.wanted.get("networks") or []:
            if leg["port"] is not None:
                forgive_missing(partial(network.update, "port", resource.scope, leg["port"], {"device_id": ""}))

    def remove(self, resource: Resource) -> None:
        """Have Nova delete the server."""
        if resource.physical_id is not None:
            forgive_missing(lambda: cloud_of(resource).compute.delete_server(resource.scope, str(resource.physical_id)))

    def is_removed(self, resource: Resource) -> bool:
        """Say whether the server is gone; then delete the ports that were made for it."""
        try:
            if resource.physical_id is not None:
                self._server(resource)
                return False
        except CloudFault as fault:
            if fault.status != 404:
                raise
        network = cloud_of(resource).network
        for ident in resource.notes.pop("ports", []):
            forgive_missing(partial(network.delete, "port", resource.scope, ident))
        return True

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give what Nova says of the server."""
        server = self._server(resource)
        addresses = {net: [one["addr"] for one in listed] for net, listed in server["addresses"].items()}
        match name:
            case "show":
                return server
            case "networks":
                return addresses
            case "first_address":
                return next((listed[0] for listed in addresses.values() if listed), "")
        return server.get(name)

    def also_requires(self, definition: ResourceDefinition, template: Template) -> Iterable[str]:
        """Give the subnets of the networks that the server is put on by name and that the same template makes."""
        legs = definition.properties.get("networks")
        networks = [leg.get("network") for leg in legs if isinstance(leg, Mapping)] if isinstance(legs, list) else []
        subnets = of_type(template, "OS::Neutron::Subnet")
        return (name for name in subnets if template.resources[name].properties.get("network") in networks)

    def _server(self, resource: Resource) -> dict[str, Json]:
        return cloud_of(resource).compute.get_server(resource.scope, str(resource.physical_id))

    def _leg(self, resource: Resource, leg: Mapping[str, Json]) -> dict[str, Json]:
        """Give Nova's form of one network; where a subnet is asked for, a port is made on it."""
        network, scope = cloud_of(resource).network, resource.scope
        if leg["port"] is not None:
            return {"port": network.find("port", scope, leg["port"])["id"]}
        subnet = None if leg["subnet"] is None else network.find("subnet", scope, leg["subnet"])
        if subnet is None:
            if leg["network"] is None:
                raise refusals.invalid(
                    'One of the properties "network", "port", "subnet" should be set for the network'
                )
            address = {} if leg["fixed_ip"] is None else {"fixed_ip": leg["fixed_ip"]}
            return {"uuid": network.find("network", scope, leg["network"])["id"], **address}
        address = {} if leg["fixed_ip"] is None else {"ip_address": leg["fixed_ip"]}
        groups = [network.find("security_group", scope, one)["id"] for one in resource.wanted["security_groups"] or []]
        body = {
            "network_id": subnet["network_id"],
            "name": name_for(resource),
            "fixed_ips": [{"subnet_id": subnet["id"], **address}],
            **({"security_groups": groups} if groups else {}),
        }
        port = network.create("port", scope, body)
        resource.notes.setdefault("ports", []).append(port["id"])
        return {"port": port["id"]}


def _volume(mapping: Mapping[str, Json]) -> dict[str, Json]:
    """Give Nova's form of one block device."""
    source, ident = "blank", None
    for key, kind in (("volume_id", "volume"), ("image", "image"), ("snapshot_id", "snapshot")):
        if mapping[key] is not None:
            source, ident = kind, mapping[key]
    body = {"source_type": source, "destination_type": "volume", "uuid": ident}
    passed = (
        "device_name",
        "device_type",
        "disk_bus",
        "boot_index",
        "volume_size",
        "volume_type",
        "delete_on_termination",
    )
    body |= {key: mapping[key] for key in passed}
    return {key: value for key, value in body.items() if value is not None}
