# SPDX-License-Identifier: Apache-2.0
"""OS::Cinder::Volume and OS::Cinder::VolumeAttachment."""

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.resource_type import ResourceType, cloud_of
from magnum_lite.pocketcloud.heat.resources.neutron import forgive_missing, name_for
from magnum_lite.pocketcloud.heat.schema import Custom, Range, Schema, integer, map_, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json

VOLUME = Custom("cinder.volume")


class Volume(ResourceType):
    """A volume; a change of size makes a new one, since this cloud does not extend volumes."""

    name = "OS::Cinder::Volume"
    properties: Schema = {
        "size": integer(Range(1)),
        "name": string(changes=True),
        "description": string(changes=True),
        "image": string(Custom("glance.image")),
        "volume_type": string(Custom("cinder.vtype")),
        "availability_zone": string(),
        "metadata": map_(changes=True),
    }
    attributes = (
        "availability_zone",
        "size",
        "display_name",
        "display_description",
        "volume_type",
        "metadata",
        "status",
        "bootable",
        "created_at",
        "encrypted",
        "attachments",
        "show",
    )

    def create(self, resource: Resource) -> None:
        """Ask Cinder for the volume."""
        wanted = resource.wanted
        body = {key: value for key, value in wanted.items() if value is not None and key != "image"}
        body.setdefault("name", name_for(resource))
        if wanted["image"] is not None:
            body["imageRef"] = cloud_of(resource).image.find(resource.scope, wanted["image"])["id"]
        resource.physical_id = cloud_of(resource).volume.create_volume(resource.scope, body)["id"]

    def is_created(self, resource: Resource) -> bool:
        """Say whether the volume can be used."""
        status = self._volume(resource)["status"]
        if status == "error":
            raise refusals.in_error("error", "Unknown")
        return bool(status != "creating")

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Change name, description and metadata."""
        values = {key: resource.wanted[key] for key in changed}
        cloud_of(resource).volume.update_volume(resource.scope, str(resource.physical_id), values)

    def remove(self, resource: Resource) -> None:
        """Have Cinder delete it."""
        if resource.physical_id is not None:
            forgive_missing(lambda: cloud_of(resource).volume.delete_volume(resource.scope, str(resource.physical_id)))

    def is_removed(self, resource: Resource) -> bool:
        """Say whether it is gone."""
        try:
            self._volume(resource)
        except CloudFault as fault:
            if fault.status != 404:
                raise
            return True
        return resource.physical_id is None

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give what Cinder says of it."""
        volume = self._volume(resource)
        return volume if name == "show" else volume.get(name.removeprefix("display_"))

    def _volume(self, resource: Resource) -> dict[str, Json]:
        return cloud_of(resource).volume.get_volume(resource.scope, str(resource.physical_id))


class VolumeAttachment(ResourceType):
    """A volume in a server; its id is the volume's."""

    name = "OS::Cinder::VolumeAttachment"
    properties: Schema = {
        "instance_uuid": string(Custom("nova.server"), required=True),
        "volume_id": string(VOLUME, required=True),
        "mountpoint": string(),
    }
    attributes = ("show",)

    def create(self, resource: Resource) -> None:
        """Attach it."""
        server, volume = resource.wanted["instance_uuid"], resource.wanted["volume_id"]
        resource.physical_id = cloud_of(resource).compute.attach_volume(resource.scope, server, volume)["id"]
        resource.notes["server"] = server

    def remove(self, resource: Resource) -> None:
        """Detach it."""
        if resource.physical_id is not None:
            server, compute = resource.notes["server"], cloud_of(resource).compute
            forgive_missing(lambda: compute.detach_volume(resource.scope, server, str(resource.physical_id)))
