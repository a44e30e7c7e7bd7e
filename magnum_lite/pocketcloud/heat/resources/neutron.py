# SPDX-License-Identifier: Apache-2.0
"""What resource types of Neutron have in common."""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat.resource_type import ResourceType, cloud_of
from magnum_lite.pocketcloud.heat.schema import Property, map_
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.template import Template
from magnum_lite.pocketcloud.heat.values import Json

TAIL = 12


def value_specs() -> Property:
    """Declare attributes that are passed to Neutron as they are."""
    return map_(default={}, changes=True)


class NeutronResource(ResourceType):
    """A thing that Neutron makes and deletes at once."""

    kind: ClassVar[str]

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Neutron for these properties."""
        return sent(wanted)

    def create(self, resource: Resource) -> None:
        """Make it."""
        body = self.body(resource, resource.wanted)
        if "name" in self.properties:
            body.setdefault("name", name_for(resource))
        resource.physical_id = cloud_of(resource).network.create(self.kind, resource.scope, body)["id"]

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Change what is not the same any more."""
        body = self.body(resource, {name: resource.wanted[name] for name in changed})
        cloud_of(resource).network.update(self.kind, resource.scope, str(resource.physical_id), body)

    def remove(self, resource: Resource) -> None:
        """Delete it."""
        if resource.physical_id is not None:
            forgive_missing(
                lambda: cloud_of(resource).network.delete(self.kind, resource.scope, str(resource.physical_id))
            )

    def show(self, resource: Resource) -> dict[str, Json]:
        """Give what Neutron says of it."""
        return cloud_of(resource).network.get(self.kind, resource.scope, str(resource.physical_id))

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give what Neutron says under this name."""
        shown = self.show(resource)
        return shown if name == "show" else shown.get(name)

    def find(self, resource: Resource, kind: str, name_or_id: str) -> str:
        """Give the id of another thing of Neutron."""
        return str(cloud_of(resource).network.find(kind, resource.scope, name_or_id)["id"])


def sent(wanted: Mapping[str, Json], **renamed: str) -> dict[str, Json]:
    """Give the properties that are set, under Neutron's names, with the value specs beside them."""
    body = {
        renamed.get(name, name): value for name, value in wanted.items() if value is not None and name != "value_specs"
    }
    return {**body, **(wanted.get("value_specs") or {})}


def name_for(resource: Resource) -> str:
    """Give the name Heat gives to things that a template does not name: stack, resource and something random."""
    return f"{resource.stack.name}-{resource.name}-{resource.id.replace('-', '')[:TAIL]}"


def forgive_missing(call: Callable[[], object]) -> None:
    """Make a call that deletes; what is gone already is fine."""
    try:
        call()
    except CloudFault as fault:
        if fault.status != 404:
            raise


def of_type(template: Template, *types: str) -> Iterable[str]:
    """Give the names of a template's resources of these types."""
    return (name for name, one in template.resources.items() if one.type in types)
