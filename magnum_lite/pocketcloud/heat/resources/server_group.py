# SPDX-License-Identifier: Apache-2.0
"""OS::Nova::ServerGroup."""

from magnum_lite.pocketcloud.heat.resource_type import ResourceType, cloud_of
from magnum_lite.pocketcloud.heat.resources.neutron import forgive_missing, name_for
from magnum_lite.pocketcloud.heat.schema import AllowedValues, Schema, list_, map_, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json

POLICIES = ("anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity")


class ServerGroup(ResourceType):
    """A server group."""

    name = "OS::Nova::ServerGroup"
    properties: Schema = {
        "name": string(),
        "policies": list_(string(AllowedValues(POLICIES)), default=["anti-affinity"]),
        "rules": map_(),
    }
    attributes = ("show",)

    def create(self, resource: Resource) -> None:
        """Make it."""
        body = {"name": resource.wanted["name"] or name_for(resource), "policies": resource.wanted["policies"]}
        resource.physical_id = cloud_of(resource).compute.create_server_group(resource.scope, body)["id"]

    def remove(self, resource: Resource) -> None:
        """Delete it."""
        if resource.physical_id is not None:
            forgive_missing(
                lambda: cloud_of(resource).compute.delete_server_group(resource.scope, str(resource.physical_id))
            )

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give what Nova says of it."""
        return cloud_of(resource).compute.get_server_group(resource.scope, str(resource.physical_id))
