# SPDX-License-Identifier: Apache-2.0
"""Stacks, resources and events as Heat's API shows them."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from magnum_lite.pocketcloud.heat import outputs, parameters, resource_type
from magnum_lite.pocketcloud.heat.outputs import OutputValue
from magnum_lite.pocketcloud.heat.stack import Event, Resource, Stack
from magnum_lite.pocketcloud.heat.validation import Checked
from magnum_lite.pocketcloud.heat.values import Json, without_unknown


def stack_url(base_url: str, stack: Stack) -> str:
    """Give where a stack is shown."""
    return f"{base_url}/stacks/{quote(stack.name)}/{stack.id}"


def listed(base_url: str, stack: Stack) -> dict[str, Json]:
    """Show a stack as lists do."""
    return {
        "id": stack.id,
        "links": [{"href": stack_url(base_url, stack), "rel": "self"}],
        "stack_name": stack.name,
        "description": stack.wish.template.description,
        "stack_status": stack.state,
        "stack_status_reason": stack.reason,
        "creation_time": stack.created,
        "updated_time": stack.updated,
        "deletion_time": stack.deleted,
        "stack_owner": stack.scope.user_id,
        "parent": stack.parent.id if stack.parent else None,
        "stack_user_project_id": stack.scope.project_id,
        "tags": list(stack.tags) or None,
    }


def shown(base_url: str, stack: Stack, *, with_outputs: bool = True) -> dict[str, Json]:
    """Show a stack with all there is to say."""
    body = listed(base_url, stack)
    values = outputs.values_with_pseudo(stack.wish, stack.name, stack.arn, stack.scope.project_id)
    pseudo = {name: value for name, value in values.items() if name.startswith("OS::")}
    pseudo["OS::stack_id"] = stack.id
    body |= {
        "parameters": {**pseudo, **parameters.shown(stack.wish.template.parameters.values(), stack.wish.values)},
        "template_description": stack.wish.template.description,
        "capabilities": [],
        "notification_topics": [],
        "timeout_mins": stack.timeout_mins,
        "disable_rollback": stack.disable_rollback,
        "files_container": None,
    }
    if with_outputs:
        body["outputs"] = [output(one) for one in outputs.all_outputs(stack)]
    return body


def output(one: OutputValue) -> dict[str, Json]:
    """Show an output."""
    body = {"output_key": one.output.name, "description": one.output.description, "output_value": one.value}
    return {**body, "output_error": one.error} if one.error else body


def resources(base_url: str, stack: Stack) -> list[tuple[Resource, dict[str, Json]]]:
    """Show a stack's resources as lists do, each beside the resource itself."""
    listed = list(stack.resources.values())
    requirers: dict[str, list[str]] = {}
    for one in listed:
        for name in one.requires:
            requirers.setdefault(name, []).append(one.name)
    return [(one, resource(base_url, one, sorted(requirers.get(one.name, [])))) for one in listed]


def resource(base_url: str, one: Resource, required_by: list[str]) -> dict[str, Json]:
    """Show a resource, with the names of those that require it."""
    stack = one.stack
    links = [
        {"href": f"{stack_url(base_url, stack)}/resources/{quote(one.name)}", "rel": "self"},
        {"href": stack_url(base_url, stack), "rel": "stack"},
    ]
    if one.nested is not None:
        links.append({"href": stack_url(base_url, one.nested), "rel": "nested"})
    body = {
        "resource_name": one.name,
        "logical_resource_id": one.name,
        "physical_resource_id": one.physical_id or "",
        "resource_type": one.definition.type,
        "resource_status": f"{one.action}_{one.status}",
        "resource_status_reason": one.reason,
        "creation_time": one.created,
        "updated_time": one.updated or one.created,
        "required_by": required_by,
        "links": links,
    }
    if stack.parent_resource is not None:
        body["parent_resource"] = stack.parent_resource.name
    return body


def resource_shown(base_url: str, one: Resource, extra: Iterable[str] = ()) -> dict[str, Json]:
    """Show a resource with its attributes."""
    required_by = sorted(other.name for other in list(one.stack.resources.values()) if one.name in other.requires)
    body = resource(base_url, one, required_by)
    attributes = outputs.all_attributes(one) if one.is_usable else {}
    attributes |= {name: outputs.read_attribute(one, name) for name in extra if one.is_usable}
    return {**body, "description": one.definition.description, "attributes": without_unknown(attributes)}


def event(base_url: str, one: Event, root: Stack | None = None) -> dict[str, Json]:
    """Show an event; with the root stack's link when events of nested stacks are among them."""
    place = stack_url(base_url, one.stack)
    links = [
        {"href": f"{place}/resources/{quote(one.resource_name)}/events/{one.id}", "rel": "self"},
        {"href": f"{place}/resources/{quote(one.resource_name)}", "rel": "resource"},
        {"href": place, "rel": "stack"},
    ]
    if root is not None:
        links.append({"href": stack_url(base_url, root), "rel": "root_stack"})
    return {
        "id": one.id,
        "event_time": one.time,
        "resource_name": one.resource_name,
        "logical_resource_id": one.resource_name,
        "physical_resource_id": one.physical_id,
        "resource_type": one.resource_type,
        "resource_status": one.status,
        "resource_status_reason": one.reason,
        "links": links,
    }


def preview(name: str, checked: Mapping[str, Checked]) -> list[dict[str, Json]]:
    """Show the resources that a stack would have."""
    return [
        {
            "resource_name": one,
            "resource_type": item.planned.definition.type,
            "resource_status": "INIT_COMPLETE",
            "resource_identity": {"stack_name": name, "path": f"/resources/{one}"},
            "required_by": sorted(other for other, at in checked.items() if one in at.planned.requires),
            "properties": without_unknown(dict(item.properties)),
            "metadata": {},
            "description": item.planned.definition.description,
            **({"nested_resources": preview(f"{name}-{one}", item.nested)} if item.nested else {}),
        }
        for one, item in checked.items()
    ]


def type_schema(kind: resource_type.ResourceType) -> dict[str, Json]:
    """Show what properties and attributes a resource type has."""
    return {
        "resource_type": kind.name,
        "properties": {
            name: {"type": one.type, "required": one.required, "update_allowed": one.changes, "immutable": False}
            | ({} if one.default is None else {"default": one.default})
            for name, one in kind.properties.items()
        },
        "attributes": {name: {"type": "string"} for name in kind.attributes},
        "support_status": {"status": "SUPPORTED", "message": None, "version": None, "previous_status": None},
        "description": (type(kind).__doc__ or "").partition("\n")[0],
    }
