# SPDX-License-Identifier: Apache-2.0
"""What a template's resources are and which waits for which, checked before anything is made."""

from collections.abc import Callable
from dataclasses import dataclass

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import graph, schema
from magnum_lite.pocketcloud.heat.constraints import Lookup
from magnum_lite.pocketcloud.heat.frame import Frame
from magnum_lite.pocketcloud.heat.resource_type import ResourceType
from magnum_lite.pocketcloud.heat.template import ResourceDefinition
from magnum_lite.pocketcloud.heat.values import Json, without_unknown


@dataclass(frozen=True)
class Planned:
    """One resource to be: its definition, its type and what it requires."""

    definition: ResourceDefinition
    type: ResourceType
    requires: frozenset[str]


def plan(frame: Frame, type_of: Callable[[ResourceDefinition], ResourceType]) -> dict[str, Planned]:
    """Give the resources to be made, each after those it requires; refuse loose references and circles."""
    enabled = frame.enabled()
    planned = {}
    for name, definition in enabled.items():
        kind = type_of(definition)
        planned[name] = Planned(definition, kind, frozenset(_requires(frame, definition, kind)))
    for name in graph.order({name: one.requires for name, one in planned.items()}):
        planned[name] = planned.pop(name)
    return planned


def properties(frame: Frame, one: Planned, lookup: Lookup) -> dict[str, Json]:
    """Give a resource's properties, resolved and checked; parts known only later are UNKNOWN."""
    given = frame.resolve(dict(one.definition.properties))
    if one.type.takes_anything:
        return dict(given)
    where = f"resources.{one.definition.name}.properties"
    return schema.check(one.type.properties, given, where, lookup)


def metadata(frame: Frame, definition: ResourceDefinition) -> Json:
    """Give a resource's metadata."""
    return without_unknown(frame.resolve(definition.metadata)) if definition.metadata is not None else {}


def _requires(frame: Frame, definition: ResourceDefinition, kind: ResourceType) -> set[str]:
    enabled = frame.enabled()
    for name in definition.depends_on:
        if name not in frame.template.resources:
            raise _loose(name, definition.name)
    named = set()
    for snippet in (dict(definition.properties), definition.metadata):
        for name in frame.mentioned(snippet):
            if name not in enabled:
                raise _loose(name, definition.name)
            named.add(name)
    implied = {
        name for name in (*definition.depends_on, *kind.also_requires(definition, frame.template)) if name in enabled
    }
    return named | implied


def _loose(name: str, by: str) -> CloudFault:
    return CloudFault(400, f'The specified reference "{name}" (in {by}) is incorrect.', "InvalidTemplateReference")
