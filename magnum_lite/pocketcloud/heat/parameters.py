# SPDX-License-Identifier: Apache-2.0
"""A template's parameters: what it declares, and the values it is given."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from magnum_lite.pocketcloud.heat import constraints, refusals
from magnum_lite.pocketcloud.heat.constraints import Constraint, Custom, Described, Lookup
from magnum_lite.pocketcloud.heat.values import Json, as_text, holds_unknown

TYPES: Final = ("string", "number", "comma_delimited_list", "json", "boolean")
KEYS: Final = ("type", "label", "description", "default", "hidden", "constraints", "immutable", "tags")
TRUE: Final = ("t", "true", "on", "y", "yes", "1")
FALSE: Final = ("f", "false", "off", "n", "no", "0")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter."""

    name: str
    type: str
    constraints: tuple[Constraint, ...] = ()
    default: Json = None
    has_default: bool = False
    is_hidden: bool = False
    is_immutable: bool = False
    description: str = ""
    label: str = ""

    def value_of(self, given: Json) -> Json:
        """Turn what a user gave into a value of the declared type."""
        try:
            return _convert(self.type, given)
        except (TypeError, ValueError) as error:
            raise refusals.invalid(f"Parameter '{self.name}' is invalid: {error}") from error

    def check(self, value: Json, lookup: Lookup) -> None:
        """Refuse a value that breaks one of the parameter's constraints."""
        for constraint in self.constraints:
            if _is_custom(constraint) and value == self.default and not value:
                continue
            if (trouble := constraint.complaint(value, lookup)) is not None:
                raise refusals.invalid(f"Parameter '{self.name}' is invalid: {trouble}")


def parse(name: str, body: Json) -> Parameter:
    """Read one declaration of a template's `parameters` section."""
    if not isinstance(body, Mapping):
        raise refusals.invalid(f"Invalid parameter {name}: expected a mapping, got {body!r}")
    for key in body:
        if key not in KEYS:
            raise refusals.invalid(f"Invalid key '{key}' for parameter ({name})")
    if body.get("type") not in TYPES:
        raise refusals.invalid(f"Invalid type ({body.get('type')}) for parameter ({name}), expected one of {TYPES}")
    listed = body.get("constraints") or []
    if not isinstance(listed, list):
        raise refusals.invalid(f"Invalid parameter constraints for parameter {name}, expected a list")
    parameter = Parameter(
        name=name,
        type=body["type"],
        constraints=tuple(constraints.parse(item, f"parameter {name}") for item in listed),
        default=body.get("default"),
        has_default="default" in body,
        is_hidden=_boolean(body.get("hidden", False)),
        is_immutable=_boolean(body.get("immutable", False)),
        description=str(body.get("description", "")),
        label=str(body.get("label", name)),
    )
    if body.get("default") is not None:
        parameter.value_of(body["default"])
    return parameter


def values_of(
    declared: Mapping[str, Parameter], given: Mapping[str, Json], defaults: Mapping[str, Json], lookup: Lookup
) -> dict[str, Json]:
    """Give each declared parameter its checked value; refuse unknown names and missing values."""
    for name in given:
        if name not in declared:
            raise refusals.invalid_parameter(f"The Parameter ({name}) was not defined in template.")
    return {name: _value(parameter, given, defaults, lookup) for name, parameter in declared.items()}


def shown(declared: Iterable[Parameter], current: Mapping[str, Json]) -> dict[str, str]:
    """Render values as Heat shows them: strings, with stars for what is hidden."""
    return {
        parameter.name: "******" if parameter.is_hidden else _text(parameter.type, current.get(parameter.name))
        for parameter in declared
    }


def _value(parameter: Parameter, given: Mapping[str, Json], defaults: Mapping[str, Json], lookup: Lookup) -> Json:
    raw = given.get(parameter.name)
    if raw is None:
        raw = defaults.get(parameter.name)
    if raw is None:
        if not parameter.has_default:
            raise refusals.missing_parameter(parameter.name)
        raw = parameter.default
    if raw is None or holds_unknown(raw):
        return raw
    value = parameter.value_of(raw)
    parameter.check(value, lookup)
    return value


def _is_custom(constraint: Constraint) -> bool:
    inner = constraint.constraint if isinstance(constraint, Described) else constraint
    return isinstance(inner, Custom)


def _convert(kind: str, given: Json) -> Json:
    match kind:
        case "string":
            return given if isinstance(given, str) else as_text(given)
        case "number":
            return _number(given)
        case "boolean":
            return _boolean(given)
        case "json":
            return _json(given)
        case _:
            return _list(given)


def _number(given: Json) -> int | float:
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise ValueError(f"{given!r} is not a number")
    if isinstance(given, (int, float)):
        return given
    try:
        return int(given)
    except ValueError:
        return float(given)


def _boolean(given: Json) -> bool:
    text = str(given).lower()
    if text not in TRUE + FALSE:
        raise ValueError(f"Unrecognized value '{given}', acceptable values are: {', '.join(sorted(TRUE + FALSE))}")
    return text in TRUE


def _json(given: Json) -> Json:
    value = json.loads(given or "{}") if isinstance(given, str) else given
    if not isinstance(value, (Mapping, list)):
        raise ValueError(f"Value must be valid JSON: {given!r} is no map or list")
    return value


def _list(given: Json) -> list[Json]:
    if isinstance(given, list):
        return given
    if isinstance(given, str):
        return [item.strip() for item in given.split(",")] if given else []
    raise ValueError(f"Value must be a comma-delimited list string: {given!r}")


def _text(kind: str, value: Json) -> str:
    if kind == "comma_delimited_list" and isinstance(value, list):
        return ",".join(map(str, value))
    return as_text(value)
