# SPDX-License-Identifier: Apache-2.0
"""Resources that are stacks themselves."""

from collections.abc import Mapping
from functools import lru_cache

from magnum_lite.pocketcloud.heat import lookups, outputs, parameters, template
from magnum_lite.pocketcloud.heat.parameters import Parameter
from magnum_lite.pocketcloud.heat.refusals import Failure, ResourceFailed
from magnum_lite.pocketcloud.heat.resource_type import ResourceType, cloud_of
from magnum_lite.pocketcloud.heat.schema import Property
from magnum_lite.pocketcloud.heat.stack import Resource, Stack, Wish
from magnum_lite.pocketcloud.heat.template import Template
from magnum_lite.pocketcloud.heat.values import Json, without_unknown

PROPERTY_TYPES: Mapping[str, str] = {
    "string": "string",
    "number": "number",
    "boolean": "boolean",
    "comma_delimited_list": "list",
    "json": "any",
}
MEMBER_PREFIX = "resource."


class NestedStack(ResourceType):
    """What all resources have in common that are stacks."""

    always_updates = True

    def create(self, resource: Resource) -> None:
        """Start making the nested stack."""
        resource.nested = resource.stack.engine.create_child(resource, _wish(resource))
        resource.physical_id = resource.nested.id

    def is_created(self, resource: Resource) -> bool:
        """Say whether the nested stack is complete."""
        return _is_complete(resource.nested)

    def can_change(self, resource: Resource, changed: frozenset[str]) -> bool:
        """Say that a nested stack finds out itself what can change."""
        return True

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Start updating the nested stack; its own resources decide what there is to do."""
        if resource.nested is None:
            self.create(resource)
        else:
            resource.stack.engine.update_child(resource.nested, _wish(resource))

    def is_updated(self, resource: Resource) -> bool:
        """Say whether the nested stack is complete again."""
        return _is_complete(resource.nested)

    def remove(self, resource: Resource) -> None:
        """Start deleting the nested stack."""
        if resource.nested is not None:
            resource.stack.engine.delete_child(resource.nested)

    def is_removed(self, resource: Resource) -> bool:
        """Say whether the nested stack is gone."""
        if resource.nested is None or resource.nested.state == "DELETE_COMPLETE":
            resource.nested = None
            return True
        return _is_complete(resource.nested)

    def stop(self, resource: Resource) -> None:
        """Stop what the nested stack is doing."""
        if resource.nested is not None and resource.nested.course is not None:
            resource.nested.course.stop()

    def wait(self, resource: Resource, looks: int) -> float | None:
        """Say that the nested stack wakes its parent."""
        return None


class TemplateResource(NestedStack):
    """A resource whose type is a template: its properties are the template's parameters, its attributes the outputs."""

    def __init__(self, name: str, body: Template) -> None:
        self.name = name  # type: ignore[misc]
        self._template = body
        self.properties = {key: _property(one) for key, one in body.parameters.items()}
        self.attributes = (*body.outputs, "outputs")

    def reference(self, resource: Resource) -> Json:
        """Give the output `OS::stack_id` where the template has it, else the stack's id."""
        nested = resource.nested
        if nested is None:
            return resource.physical_id
        chosen = outputs.output(nested, "OS::stack_id")
        return nested.arn if chosen is None else chosen.value

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give an output, all of them, or what a resource inside has."""
        nested = resource.nested
        if nested is None:
            return None
        if name == "outputs":
            return {one.output.name: one.value for one in outputs.all_outputs(nested)}
        if name.startswith(MEMBER_PREFIX):
            return member_attribute(nested, name.removeprefix(MEMBER_PREFIX))
        chosen = outputs.output(nested, name)
        return None if chosen is None else chosen.value

    def has_attribute(self, name: str) -> bool:
        """Say whether `get_attr` may ask for this name."""
        return super().has_attribute(name) or name.startswith(MEMBER_PREFIX)

    def child_wish(self, name: str, properties: Mapping[str, Json], around: Wish, notes: dict[str, Json]) -> Wish:
        """Give what the nested stack is to be: the template with the properties as its parameters."""
        return Wish(self._template, dict(properties), around.files, around.environment)


@lru_cache(maxsize=64)
def of_text(name: str, text: str) -> TemplateResource:
    """Give the resource type that a template's text makes."""
    return TemplateResource(name, template.of_text(text))


def member_attribute(nested: Stack, path: str) -> Json:
    """Give `<resource>` or `<resource>.<attribute>` of a nested stack."""
    name, _, attribute = path.partition(".")
    if name not in nested.resources:
        return None
    found = outputs.attribute_of(nested, name, attribute) if attribute else outputs.reference(nested, name)
    return without_unknown(found)


def _property(parameter: Parameter) -> Property:
    return Property(PROPERTY_TYPES[parameter.type], required=not parameter.has_default, changes=True)


def _wish(resource: Resource) -> Wish:
    """Give the wish for the nested stack with checked values."""
    stack = resource.stack
    wish = resource.type.child_wish(resource.name, resource.wanted, stack.wish, resource.notes)
    assert wish is not None  # noqa: S101 (types that nest a stack always give one)
    lookup = lookups.lookup(cloud_of(resource), resource.scope)
    given = {name: value for name, value in wish.values.items() if value is not None}
    values = parameters.values_of(wish.template.parameters, given, wish.environment.parameter_defaults, lookup)
    return Wish(wish.template, values, wish.files, wish.environment)


def _is_complete(nested: Stack | None) -> bool:
    if nested is None:
        return True
    if nested.status == "FAILED":
        raise ResourceFailed(nested.failure or Failure("Error", nested.reason))
    return nested.status == "COMPLETE"
