# SPDX-License-Identifier: Apache-2.0
"""What a stack that is there answers to get_resource, get_attr and to those who read its outputs."""

from collections.abc import Mapping
from dataclasses import dataclass

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat.frame import Frame
from magnum_lite.pocketcloud.heat.resource_type import ResourceType
from magnum_lite.pocketcloud.heat.stack import Resource, Stack, Wish
from magnum_lite.pocketcloud.heat.template import Output
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json, without_unknown


@dataclass(frozen=True)
class OutputValue:
    """One output's value, or why it has none."""

    output: Output
    value: Json
    error: str = ""


def frame_of(stack: Stack) -> Frame:
    """Give what the snippets of the stack's template can ask about now."""
    return Frame(
        template=stack.wish.template,
        values=values_with_pseudo(stack.wish, stack.name, stack.arn, stack.scope.project_id),
        files=stack.wish.files,
        find_reference=lambda name: reference(stack, name),
        find_attribute=lambda name, attribute: attribute_of(stack, name, attribute),
    )


def values_with_pseudo(wish: Wish, name: str, arn: Json, project_id: str) -> Mapping[str, Json]:
    """Give the values of all parameters, those that Heat itself gives included."""
    return {**wish.values, "OS::stack_name": name, "OS::stack_id": arn, "OS::project_id": project_id}


def all_outputs(stack: Stack) -> list[OutputValue]:
    """Give the outputs with what is known of them; null stands for what is not there yet."""
    frame = frame_of(stack)
    return [
        _value(frame, output) for output in stack.wish.template.outputs.values() if frame.is_wanted(output.condition)
    ]


def output(stack: Stack, name: str) -> OutputValue | None:
    """Give one output, or None."""
    frame = frame_of(stack)
    declared = stack.wish.template.outputs.get(name)
    return _value(frame, declared) if declared is not None and frame.is_wanted(declared.condition) else None


def reference(stack: Stack, name: str) -> Json:
    """Give what get_resource means for one of the stack's resources."""
    resource = stack.resources.get(name)
    if resource is None or resource.physical_id is None:
        return UNKNOWN
    return resource.type.reference(resource)


def attribute_of(stack: Stack, name: str, attribute: str | None) -> Json:
    """Give one attribute of a resource, or a map of all; UNKNOWN while the resource is not there."""
    resource = stack.resources.get(name)
    if resource is None or not resource.is_usable:
        return UNKNOWN
    if attribute is None:
        return all_attributes(resource)
    return read_attribute(resource, attribute)


def all_attributes(resource: Resource) -> dict[str, Json]:
    """Give a resource's attributes, leaving out `show`."""
    return {name: read_attribute(resource, name) for name in resource.type.attributes if name != "show"}


def read_attribute(resource: Resource, attribute: str) -> Json:
    """Give one attribute; what is gone in the cloud has none."""
    kind: ResourceType = resource.type
    if not kind.has_attribute(attribute):
        message = f"The Referenced Attribute ({resource.name} {attribute}) is incorrect."
        raise CloudFault(400, message, "InvalidTemplateAttribute")
    try:
        return kind.attribute(resource, attribute)
    except CloudFault as fault:
        if fault.status != 404:
            raise
        return None


def _value(frame: Frame, declared: Output) -> OutputValue:
    try:
        return OutputValue(declared, without_unknown(frame.resolve(declared.value)))
    except CloudFault as fault:
        return OutputValue(declared, None, fault.message)
