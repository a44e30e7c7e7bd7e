# SPDX-License-Identifier: Apache-2.0
"""What a resource type knows how to do."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.schema import Schema
from magnum_lite.pocketcloud.heat.template import ResourceDefinition, Template
from magnum_lite.pocketcloud.heat.values import Json
from magnum_lite.pocketcloud.heat.walk import patience

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud
    from magnum_lite.pocketcloud.heat.stack import Resource, Wish


class ResourceType:
    """One resource type. It keeps no state: all that is known of a resource is in the Resource it is given.

    Every method is one call that returns soon; what takes time is started, then looked at.
    """

    name: ClassVar[str]
    properties: Schema = {}
    attributes: tuple[str, ...] = ()
    # Whether an update looks into the resource although its properties are the same.
    always_updates: ClassVar[bool] = False
    # Whether it takes any property.
    takes_anything: ClassVar[bool] = False

    def create(self, resource: "Resource") -> None:
        """Start making it from resource.wanted; sets physical_id as soon as there is something to delete."""
        raise NotImplementedError

    def is_created(self, resource: "Resource") -> bool:
        """Say whether it is made."""
        return True

    def can_change(self, resource: "Resource", changed: frozenset[str]) -> bool:
        """Say whether these properties can change in place; otherwise it is made anew."""
        return all(self.properties[name].changes for name in changed)

    def update(self, resource: "Resource", changed: frozenset[str]) -> None:
        """Start changing it to resource.wanted."""

    def is_updated(self, resource: "Resource") -> bool:
        """Say whether it is changed."""
        return True

    def make_way(self, resource: "Resource") -> None:
        """Let go of what its replacement needs."""

    def remove(self, resource: "Resource") -> None:
        """Start deleting it; what is gone already is fine."""

    def is_removed(self, resource: "Resource") -> bool:
        """Say whether it is gone."""
        return True

    def stop(self, resource: "Resource") -> None:
        """Stop what goes on inside it."""

    def wait(self, resource: "Resource", looks: int) -> float | None:
        """Give the seconds to the next look; None when it is woken by what happens."""
        return patience(looks)

    def reference(self, resource: "Resource") -> Json:
        """Give what `get_resource` yields."""
        return resource.physical_id

    def attribute(self, resource: "Resource", name: str) -> Json:
        """Give one of the attributes."""
        return None

    def has_attribute(self, name: str) -> bool:
        """Say whether `get_attr` may ask for this name."""
        return name == "show" or name in self.attributes

    def signal(self, resource: "Resource", details: Mapping[str, Json]) -> str:
        """Take a signal; give the event's reason."""
        raise refusals.bad_request(f"Resource {resource.name} of type {self.name} cannot be signalled")

    def child_wish(
        self, name: str, properties: Mapping[str, Json], around: "Wish", notes: dict[str, Json]
    ) -> "Wish | None":
        """Give what the stack nested in the resource is to be, for a type that nests one."""
        return None

    def also_requires(self, definition: ResourceDefinition, template: Template) -> Iterable[str]:
        """Give resources that must come first although the template does not say so."""
        return ()


def cloud_of(resource: "Resource") -> "Cloud":
    """Give the cloud that the resource is made in."""
    return resource.stack.engine.cloud
