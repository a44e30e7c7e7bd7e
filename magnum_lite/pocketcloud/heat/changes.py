# SPDX-License-Identifier: Apache-2.0
"""What an update would do to the resources of a stack."""

from collections.abc import Mapping

from magnum_lite.pocketcloud.heat.stack import Resource, Stack
from magnum_lite.pocketcloud.heat.validation import Checked
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json, holds_unknown

KINDS = ("unchanged", "updated", "replaced", "added", "deleted")


def between(stack: Stack, checked: Mapping[str, Checked]) -> dict[str, list[dict[str, Json]]]:
    """Sort the resources of a stack and of a wish by what an update would do to them.

    A value known only when the update runs counts as the same.
    """
    found: dict[str, list[dict[str, Json]]] = {kind: [] for kind in KINDS}
    for name, wanted in checked.items():
        found[_kind(stack.resources.get(name), wanted)].append(_entry(stack, name, wanted.planned.definition.type))
    for name, resource in stack.resources.items():
        if name not in checked:
            found["deleted"].append(_entry(stack, name, resource.definition.type))
    return found


def _kind(resource: Resource | None, wanted: Checked) -> str:
    if resource is None:
        return "added"
    if resource.type.name != wanted.planned.type.name or resource.status == "FAILED":
        return "replaced"
    changed = frozenset(
        name
        for name, value in wanted.properties.items()
        if value is not UNKNOWN and not holds_unknown(value) and value != resource.properties.get(name)
    )
    if not changed:
        return "unchanged"
    return "updated" if wanted.planned.type.can_change(resource, changed) else "replaced"


def _entry(stack: Stack, name: str, type_name: str) -> dict[str, Json]:
    return {
        "resource_name": name,
        "resource_type": type_name,
        "resource_identity": {"stack_name": stack.name, "stack_id": stack.id, "path": f"/resources/{name}"},
    }
