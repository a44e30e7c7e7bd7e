# SPDX-License-Identifier: Apache-2.0
"""Constraints on parameters and properties."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.values import Json

# Looks a value up in the cloud: (constraint's name, value) -> what is wrong, or None.
Lookup: TypeAlias = Callable[[str, str], str | None]


class Constraint(Protocol):
    """One rule that a value must keep."""

    def complaint(self, value: Json, lookup: Lookup) -> str | None:
        """Say what is wrong with the value, or None."""


@dataclass(frozen=True)
class Range:
    """A number between two bounds."""

    low: float | None = None
    high: float | None = None

    def complaint(self, value: Json, lookup: Lookup) -> str | None:
        """Say what is wrong with the value, or None."""
        if _is_between(float(value), self.low, self.high):
            return None
        return f"{value} is out of range (min: {self.low}, max: {self.high})"


@dataclass(frozen=True)
class Length:
    """A string, list or map of a certain size."""

    low: float | None = None
    high: float | None = None

    def complaint(self, value: Json, lookup: Lookup) -> str | None:
        """Say what is wrong with the value, or None."""
        if _is_between(len(value), self.low, self.high):
            return None
        return f"length ({len(value)}) is out of range (min: {self.low}, max: {self.high})"


@dataclass(frozen=True)
class AllowedValues:
    """One of a few values, or a list of them."""

    values: tuple[Json, ...]

    def complaint(self, value: Json, lookup: Lookup) -> str | None:
        """Say what is wrong with the value, or None."""
        for item in value if isinstance(value, list) else [value]:
            if item not in self.values and str(item) not in map(str, self.values):
                return f'"{item}" is not an allowed value {list(self.values)}'
        return None


@dataclass(frozen=True)
class AllowedPattern:
    """A string that a regular expression matches from end to end."""

    pattern: str

    def complaint(self, value: Json, lookup: Lookup) -> str | None:
        """Say what is wrong with the value, or None."""
        if re.fullmatch(self.pattern, str(value)):
            return None
        return f'"{value}" does not match pattern "{self.pattern}"'


@dataclass(frozen=True)
class Modulo:
    """A number so many steps from an offset."""

    step: int
    offset: int = 0

    def complaint(self, value: Json, lookup: Lookup) -> str | None:
        """Say what is wrong with the value, or None."""
        if (int(value) - self.offset) % self.step == 0:
            return None
        return f"{value} is not a multiple of {self.step} with an offset of {self.offset}"


@dataclass(frozen=True)
class Custom:
    """The name or id of something in the cloud, such as `nova.flavor`."""

    name: str

    def complaint(self, value: Json, lookup: Lookup) -> str | None:
        """Say what is wrong with the value, or None."""
        if value is None or value == "":
            return None
        for item in value if isinstance(value, list) else [value]:
            if (trouble := lookup(self.name, str(item))) is not None:
                return f"Error validating value '{item}': {trouble}"
        return None


@dataclass(frozen=True)
class Described:
    """A constraint whose author said in own words what is wrong with other values."""

    constraint: Constraint
    description: str

    def complaint(self, value: Json, lookup: Lookup) -> str | None:
        """Say what is wrong with the value, or None."""
        return None if self.constraint.complaint(value, lookup) is None else self.description


def parse(body: Json, where: str) -> Constraint:
    """Read one entry of a parameter's `constraints`."""
    if not isinstance(body, Mapping):
        raise refusals.invalid(f"Invalid parameter constraints for {where}, expected a mapping")
    kinds = [key for key in body if key != "description"]
    if len(kinds) != 1 or kinds[0] not in _PARSERS:
        raise refusals.invalid(
            f"Invalid parameter constraints for {where}: {sorted(map(str, kinds))} is not one of {sorted(_PARSERS)}"
        )
    try:
        constraint = _PARSERS[kinds[0]](body[kinds[0]])
    except (TypeError, ValueError, KeyError, AttributeError, re.error) as error:
        raise refusals.invalid(f"Invalid {kinds[0]} constraint for {where}: {error}") from error
    return Described(constraint, str(body["description"])) if "description" in body else constraint


def _allowed_pattern(value: Json) -> Constraint:
    re.compile(str(value))
    return AllowedPattern(str(value))


_PARSERS: Mapping[str, Callable[[Json], Constraint]] = {
    "range": lambda value: Range(value.get("min"), value.get("max")),
    "length": lambda value: Length(value.get("min"), value.get("max")),
    "allowed_values": lambda value: AllowedValues(tuple(value)),
    "allowed_pattern": _allowed_pattern,
    "modulo": lambda value: Modulo(int(value["step"]), int(value["offset"])),
    "custom_constraint": lambda value: Custom(str(value)),
}


def _is_between(size: float, low: float | None, high: float | None) -> bool:
    return (low is None or size >= float(low)) and (high is None or size <= float(high))
