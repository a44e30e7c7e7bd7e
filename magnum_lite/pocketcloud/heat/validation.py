# SPDX-License-Identifier: Apache-2.0
"""Checking a whole stack, nested ones included, before anything of it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import lookups, outputs, parameters, plan, refusals
from magnum_lite.pocketcloud.heat.frame import Frame
from magnum_lite.pocketcloud.heat.plan import Planned
from magnum_lite.pocketcloud.heat.resources import registry
from magnum_lite.pocketcloud.heat.stack import Wish
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

DEEPEST_NESTING = 5


@dataclass(frozen=True)
class Checked:
    """One resource as it would be made, with what is nested in it."""

    planned: Planned
    properties: Mapping[str, Json]
    nested: "dict[str, Checked]"


def complete(wish: Wish, cloud: "Cloud", scope: Scope) -> Wish:
    """Give the wish with all parameters' values, checked."""
    lookup = lookups.lookup(cloud, scope)
    given = {name: value for name, value in wish.values.items() if value is not None}
    values = parameters.values_of(wish.template.parameters, given, wish.environment.parameter_defaults, lookup)
    return Wish(wish.template, values, wish.files, wish.environment)


def check(wish: Wish, cloud: "Cloud", scope: Scope, name: str, depth: int = 0) -> dict[str, Checked]:
    """Give what the wish would make; refuse whatever can be known to be wrong."""
    if depth > DEEPEST_NESTING:
        raise refusals.bad_request(f"Recursion depth exceeds {DEEPEST_NESTING}.")
    frame = Frame(wish.template, outputs.values_with_pseudo(wish, name, UNKNOWN, scope.project_id), wish.files)
    planned = plan.plan(frame, partial(registry.type_of, wish=wish))
    frame.find_attribute = partial(_known_attribute, planned)
    lookup = lookups.lookup(cloud, scope)
    checked = {}
    for one in planned.values():
        values = plan.properties(frame, one, lookup)
        checked[one.definition.name] = Checked(one, values, _check_nested(one, values, wish, cloud, scope, name, depth))
    for output in wish.template.outputs.values():
        if frame.is_wanted(output.condition):
            frame.resolve(output.value)
    return checked


def _check_nested(
    one: Planned, values: Mapping[str, Json], wish: Wish, cloud: "Cloud", scope: Scope, name: str, depth: int
) -> dict[str, Checked]:
    child = one.type.child_wish(one.definition.name, values, wish, {})
    if child is None:
        return {}
    try:
        return check(complete(child, cloud, scope), cloud, scope, f"{name}-{one.definition.name}", depth + 1)
    except CloudFault as fault:
        if fault.status != 400 or fault.message.startswith("Recursion"):
            raise
        raise CloudFault(
            400, f"Failed to validate: resources.{one.definition.name}: {fault.message}", fault.kind
        ) from fault


def _known_attribute(planned: Mapping[str, Planned], name: str, attribute: str | None) -> Json:
    if attribute is not None and not planned[name].type.has_attribute(attribute):
        message = f"The Referenced Attribute ({name} {attribute}) is incorrect."
        raise CloudFault(400, message, "InvalidTemplateAttribute")
    return UNKNOWN
