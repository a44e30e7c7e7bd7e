# SPDX-License-Identifier: Apache-2.0
"""OS::Heat::Value, OS::Heat::None and OS::Heat::RandomString."""

import secrets
import string as letters

from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.resource_type import ResourceType
from magnum_lite.pocketcloud.heat.resources.neutron import name_for
from magnum_lite.pocketcloud.heat.schema import (
    AllowedValues,
    Length,
    Property,
    Range,
    Schema,
    integer,
    list_,
    map_,
    string,
)
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json

SEQUENCES = {
    "lettersdigits": letters.ascii_letters + letters.digits,
    "letters": letters.ascii_letters,
    "lowercase": letters.ascii_lowercase,
    "uppercase": letters.ascii_uppercase,
    "digits": letters.digits,
    "hexdigits": letters.digits + "ABCDEF",
    "octdigits": letters.octdigits,
}


class Value(ResourceType):
    """A value under a name."""

    name = "OS::Heat::Value"
    properties: Schema = {
        "type": string(AllowedValues(("string", "number", "comma_delimited_list", "json", "boolean"))),
        "value": Property("any", required=True, changes=True),
    }
    attributes = ("value", "show")

    def create(self, resource: Resource) -> None:
        """Give it a name; there is nothing to make."""
        resource.physical_id = name_for(resource)

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give the value."""
        return resource.wanted["value"]


class Nothing(ResourceType):
    """A resource that is nothing, and takes any property."""

    name = "OS::Heat::None"
    takes_anything = True
    attributes = ("show",)

    def create(self, resource: Resource) -> None:
        """Give it a name; there is nothing to make."""
        resource.physical_id = name_for(resource)


class RandomString(ResourceType):
    """A random string, kept until the resource is made anew."""

    name = "OS::Heat::RandomString"
    properties: Schema = {
        "length": integer(Range(1, 512), default=32),
        "character_classes": list_(
            map_(
                {
                    "class": string(AllowedValues(tuple(SEQUENCES)), default="lettersdigits"),
                    "min": integer(Range(1, 512), default=1),
                }
            )
        ),
        "character_sequences": list_(
            map_(
                {
                    "sequence": string(Length(1), required=True),
                    "min": integer(Range(1, 512), default=1),
                }
            )
        ),
        "salt": string(),
    }
    attributes = ("value", "show")

    def create(self, resource: Resource) -> None:
        """Draw it."""
        resource.notes["value"] = _draw(resource.wanted["length"], _pools(resource))
        resource.physical_id = name_for(resource)

    def reference(self, resource: Resource) -> Json:
        """Give the string itself."""
        return resource.notes.get("value")

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give the string."""
        return resource.notes.get("value")


def _pools(resource: Resource) -> list[tuple[str, int]]:
    """Give the sets of characters, each with how many of it there must be at least."""
    classes = [(SEQUENCES[one["class"]], one["min"]) for one in resource.wanted["character_classes"] or []]
    sequences = [(one["sequence"], one["min"]) for one in resource.wanted["character_sequences"] or []]
    pools = classes + sequences or [(SEQUENCES["lettersdigits"], 1)]
    least = sum(count for _, count in pools)
    if least > resource.wanted["length"]:
        raise refusals.invalid(
            f"Length property cannot be smaller than combined character class and character sequence minimums: {least}"
        )
    return pools


def _draw(length: int, pools: list[tuple[str, int]]) -> str:
    drawn = [secrets.choice(pool) for pool, least in pools for _ in range(least)]
    everything = "".join(pool for pool, _ in pools)
    drawn += [secrets.choice(everything) for _ in range(length - len(drawn))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)
