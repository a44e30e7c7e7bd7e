# SPDX-License-Identifier: Apache-2.0
"""What properties a resource type takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.constraints import (
    AllowedPattern,
    AllowedValues,
    Constraint,
    Custom,
    Length,
    Lookup,
    Range,
)
from magnum_lite.pocketcloud.heat.parameters import FALSE, TRUE
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json, as_text

__all__ = [
    "AllowedPattern",
    "AllowedValues",
    "Custom",
    "Length",
    "Property",
    "Range",
    "Schema",
    "boolean",
    "check",
    "integer",
    "list_",
    "map_",
    "number",
    "string",
]


@dataclass(frozen=True)
class Property:
    """One property: its type, and what may be put in it.

    `changes` says that it can change without making the resource anew. `inside` is the schema of a map's keys,
    `item` what each member of a list must be.
    """

    type: str
    required: bool = False
    changes: bool = False
    default: Json = None
    constraints: tuple[Constraint, ...] = ()
    inside: Mapping[str, "Property"] | None = None
    item: "Property | None" = None


Schema: TypeAlias = Mapping[str, Property]


def string(*constraints: Constraint, required: bool = False, changes: bool = False, default: Json = None) -> Property:
    """Declare a string."""
    return Property("string", required, changes, default, constraints)


def integer(*constraints: Constraint, required: bool = False, changes: bool = False, default: Json = None) -> Property:
    """Declare a whole number."""
    return Property("integer", required, changes, default, constraints)


def number(*constraints: Constraint, required: bool = False, changes: bool = False, default: Json = None) -> Property:
    """Declare a number."""
    return Property("number", required, changes, default, constraints)


def boolean(*, required: bool = False, changes: bool = False, default: Json = None) -> Property:
    """Declare a boolean."""
    return Property("boolean", required, changes, default)


def map_(
    inside: Schema | None = None, *, required: bool = False, changes: bool = False, default: Json = None
) -> Property:
    """Declare a map, of the given keys or of any."""
    return Property("map", required, changes, default, inside=inside)


def list_(
    item: Property | None = None,
    *constraints: Constraint,
    required: bool = False,
    changes: bool = False,
    default: Json = None,
) -> Property:
    """Declare a list, of the given items or of any."""
    return Property("list", required, changes, default, constraints, item=item)


def check(schema: Schema, given: Mapping[str, Json], where: str, lookup: Lookup) -> dict[str, Json]:
    """Give the properties in their types with defaults filled in; refuse unknown, missing and bad ones.

    What is not known yet is let pass and stays UNKNOWN.
    """
    for name in given:
        if name not in schema:
            raise _trouble(where, f"Unknown Property {name}")
    checked: dict[str, Json] = {}
    for name, property_ in schema.items():
        value = given.get(name)
        if value is None and property_.required:
            raise _trouble(where, f"Property {name} not assigned")
        checked[name] = property_.default if value is None else _value(property_, value, f"{where}.{name}", lookup)
    return checked


def _value(property_: Property, given: Json, where: str, lookup: Lookup) -> Json:
    if given is UNKNOWN:
        return UNKNOWN
    try:
        value = _convert(property_.type, given)
    except (TypeError, ValueError) as error:
        raise _trouble(where, str(error)) from error
    if property_.inside is not None:
        value = check(property_.inside, value, where, lookup)
    if property_.item is not None:
        value = [_item(property_.item, one, f"{where}[{n}]", lookup) for n, one in enumerate(value)]
    for constraint in property_.constraints:
        if (complaint := constraint.complaint(value, lookup)) is not None:
            raise _trouble(where, complaint)
    return value


def _item(property_: Property, given: Json, where: str, lookup: Lookup) -> Json:
    return None if given is None else _value(property_, given, where, lookup)


def _convert(kind: str, given: Json) -> Json:
    match kind:
        case "string":
            if isinstance(given, (Mapping, list)):
                raise ValueError("Value must be a string; got " + as_text(given)[:200])
            return as_text(given)
        case "integer":
            return _integer(given)
        case "number":
            return _number(given)
        case "boolean":
            return _boolean(given)
        case "map":
            if not isinstance(given, Mapping):
                raise ValueError(f'"{given}" is not a map')
            return dict(given)
        case "list":
            return _list(given)
    return given


def _integer(given: Json) -> int:
    try:
        if isinstance(given, bool) or (isinstance(given, float) and given != int(given)):
            raise ValueError
        return int(given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Value '{given}' is not an integer") from error


def _number(given: Json) -> int | float:
    try:
        return _integer(given)
    except ValueError:
        try:
            return float(given)
        except (TypeError, ValueError) as error:
            raise ValueError(f"Value '{given}' is not a number") from error


def _boolean(given: Json) -> bool:
    text = str(given).lower()
    if text not in TRUE + FALSE:
        raise ValueError(f'"{given}" is not a valid boolean')
    return text in TRUE


def _list(given: Json) -> list[Json]:
    if isinstance(given, str):
        return given.split(",")
    if not isinstance(given, list):
        raise ValueError(f'"{given}" is not a list')
    return list(given)


def _trouble(where: str, message: str) -> Exception:
    return refusals.invalid(f"Property error: : {where}: : {message}")
