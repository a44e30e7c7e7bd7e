# SPDX-License-Identifier: Apache-2.0
"""OS::Heat::ResourceGroup: so many resources of one definition."""

from collections.abc import Callable, Iterator, Mapping

from magnum_lite.pocketcloud.heat import outputs, template, texts
from magnum_lite.pocketcloud.heat.resources.nested import MEMBER_PREFIX, NestedStack, member_attribute
from magnum_lite.pocketcloud.heat.schema import AllowedValues, Length, Range, Schema, integer, list_, map_, string
from magnum_lite.pocketcloud.heat.stack import Resource, Stack, Wish
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json, without_unknown


class ResourceGroup(NestedStack):
    """A nested stack whose resources are named by their index; `notes["removed"]` are indexes never used again."""

    name = "OS::Heat::ResourceGroup"
    properties: Schema = {
        "count": integer(Range(0), changes=True, default=1),
        "index_var": string(Length(3), default="%index%"),
        "resource_def": map_(
            {"type": string(required=True), "properties": map_(), "metadata": map_()}, required=True, changes=True
        ),
        "removal_policies": list_(map_({"resource_list": list_(default=[])}), changes=True, default=[]),
        "removal_policies_mode": string(AllowedValues(("append", "update")), changes=True, default="append"),
    }
    attributes = ("refs", "refs_map", "attributes", "removed_rsrc_list")

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Note which members are to go, then update the nested stack."""
        resource.notes["removed"] = _removed(resource)
        super().update(resource, changed)

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give the members' ids, or an attribute of each of them."""
        nested = resource.nested
        if nested is None:
            return None
        if name == "removed_rsrc_list":
            return list(resource.notes.get("removed", []))
        if name.startswith(MEMBER_PREFIX):
            return member_attribute(nested, name.removeprefix(MEMBER_PREFIX))
        if name == "attributes":
            return _by_attribute(nested)
        if name in ("refs", "refs_map"):
            found = _of_members(nested, lambda member: outputs.reference(nested, member))
        else:
            found = _of_members(nested, lambda member: outputs.attribute_of(nested, member, name))
        return found if name == "refs_map" else list(found.values())

    def has_attribute(self, name: str) -> bool:
        """Say that any attribute of the members can be asked for."""
        return True

    def child_wish(self, name: str, properties: Mapping[str, Json], around: Wish, notes: dict[str, Json]) -> Wish:
        """Give a template with one resource for each index."""
        count = properties["count"]
        names = _names(0 if count is UNKNOWN else count, frozenset(notes.get("removed", [])))
        definition = properties["resource_def"]
        members = {
            name: texts.replace_everywhere(_definition(definition), {properties["index_var"]: name})
            for name in names
            if definition is not UNKNOWN
        }
        raw = {"heat_template_version": "wallaby", "resources": members}
        return Wish(template.parse(raw), {}, around.files, around.environment)


def _definition(given: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in given.items() if value is not None}


def _names(count: int, removed: frozenset[str]) -> Iterator[str]:
    index = 0
    while count > 0:
        if str(index) not in removed:
            yield str(index)
            count -= 1
        index += 1


def _removed(resource: Resource) -> list[str]:
    """Give the indexes to leave out: those named by index or by what get_resource yields for the member."""
    mode = resource.wanted["removal_policies_mode"]
    removed = set(resource.notes.get("removed", [])) if mode == "append" else set()
    asked = [str(one) for policy in resource.wanted["removal_policies"] or [] for one in policy["resource_list"] or []]
    nested = resource.nested
    if nested is not None:
        references = {str(outputs.reference(nested, name)): name for name in nested.resources}
        removed |= {references.get(one, one) for one in asked if one in references or one in nested.resources}
    return sorted(removed, key=lambda one: (len(one), one))


def _of_members(nested: Stack, read: Callable[[str], Json]) -> dict[str, Json]:
    names = sorted(nested.resources, key=lambda one: (len(one), one))
    return {name: without_unknown(read(name)) for name in names}


def _by_attribute(nested: Stack) -> dict[str, dict[str, Json]]:
    """Give each attribute that some member has, with the members' values by name."""
    found: dict[str, dict[str, Json]] = {}
    for name, resource in list(nested.resources.items()):
        if resource.is_usable:
            for attribute, value in outputs.all_attributes(resource).items():
                found.setdefault(attribute, {})[name] = value
    return found
