# SPDX-License-Identifier: Apache-2.0
"""OS::Nova::KeyPair."""

from magnum_lite.pocketcloud.heat.resource_type import ResourceType, cloud_of
from magnum_lite.pocketcloud.heat.resources.neutron import forgive_missing
from magnum_lite.pocketcloud.heat.schema import AllowedValues, Length, Schema, boolean, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json


class KeyPair(ResourceType):
    """A key pair of the user who makes the stack."""

    name = "OS::Nova::KeyPair"
    properties: Schema = {
        "name": string(Length(1, 255), required=True),
        "public_key": string(),
        "save_private_key": boolean(default=False),
        "type": string(AllowedValues(("ssh",))),
    }
    attributes = ("public_key", "private_key", "show")

    def create(self, resource: Resource) -> None:
        """Make it; a private key is kept if the template says so."""
        wanted = resource.wanted
        pairs = cloud_of(resource).compute.keypairs
        made = pairs.create(resource.scope.user_id, wanted["name"], wanted["public_key"])
        resource.physical_id = wanted["name"]
        resource.notes["owner"] = resource.scope.user_id
        if wanted["save_private_key"]:
            resource.notes["private_key"] = made.get("private_key")

    def remove(self, resource: Resource) -> None:
        """Delete it."""
        if resource.physical_id is not None:
            pairs = cloud_of(resource).compute.keypairs
            forgive_missing(lambda: pairs.delete(resource.notes["owner"], str(resource.physical_id)))

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give the keys."""
        if name == "private_key":
            return resource.notes.get("private_key", "")
        pair = cloud_of(resource).compute.keypairs.get(resource.notes["owner"], str(resource.physical_id))
        return pair if name == "show" else pair.get(name)
