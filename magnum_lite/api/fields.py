# SPDX-License-Identifier: Apache-2.0
"""The kinds of fields that requests have, each taking what clients really send and saying what it takes.

Every kind reads a value in ``validate``, because there WSME knows the field's name when one is refused.
"""

from __future__ import annotations

import ast
import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from wsme import types as wtypes

TRUE = ("true", "t", "yes", "y", "on", "1")
FALSE = ("false", "f", "no", "n", "off", "0")
MAX_LITERAL = 65536
MAX_INTEGER = 2**31 - 1


class Anything(wtypes.UserType):  # type: ignore[misc]
    """Takes any JSON value as it is."""

    basetype = str
    name = "any"


class Text(wtypes.UserType):  # type: ignore[misc]
    """Takes a text; without ``multiline`` every character of it must be printable."""

    basetype = str
    name = "text"

    def __init__(
        self, maximum: int = 255, *, minimum: int = 1, pattern: str | None = None, multiline: bool = False
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.pattern = pattern
        self.multiline = multiline

    @property
    def takes(self) -> str:
        shape = f" that matches {self.pattern}" if self.pattern else ""
        return f"it takes a text of {self.minimum} to {self.maximum} characters{shape}"

    def validate(self, value: object) -> str:
        if not isinstance(value, str) or not self.minimum <= len(value) <= self.maximum:
            raise ValueError(self.takes)
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise ValueError(self.takes)
        if not (value.isprintable() if not self.multiline else "\0" not in value):
            raise ValueError("it takes a text without control characters")
        return value


class Integer(wtypes.UserType):  # type: ignore[misc]
    """Takes a whole number, also as text."""

    basetype = str
    name = "integer"

    def __init__(self, minimum: int, maximum: int = MAX_INTEGER) -> None:
        self.minimum = minimum
        self.maximum = maximum

    @property
    def takes(self) -> str:
        return f"it takes a whole number from {self.minimum} to {self.maximum}"

    def validate(self, value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,15}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not self.minimum <= value <= self.maximum:
            raise ValueError(self.takes)
        return value


class Boolean(wtypes.UserType):  # type: ignore[misc]
    """Takes true or false, also as text or as 1 or 0."""

    basetype = str
    name = "boolean"
    takes = "it takes true or false"

    def validate(self, value: object) -> bool:
        word = str(value).strip().lower() if isinstance(value, str | int) else ""
        if word not in TRUE + FALSE:
            raise ValueError(self.takes)
        return word in TRUE


class Choice(wtypes.UserType):  # type: ignore[misc]
    """Takes one of some words."""

    basetype = str
    name = "choice"

    def __init__(self, *words: str) -> None:
        self.words = words

    @property
    def takes(self) -> str:
        return f"it takes {' or '.join(self.words)}"

    def validate(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(self.takes)
        return value


class Addresses(wtypes.UserType):  # type: ignore[misc]
    """Takes IPv4 addresses, separated by commas."""

    basetype = str
    name = "addresses"
    takes = "it takes IPv4 addresses separated by commas"

    def validate(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > 255:
            raise ValueError(self.takes)
        try:
            return ",".join(str(ipaddress.IPv4Address(part.strip())) for part in value.split(","))
        except ValueError:
            raise ValueError(self.takes) from None


class Labels(wtypes.UserType):  # type: ignore[misc]
    """Takes labels: an object, or a Python literal of one; numbers and booleans become text as ``str`` writes them."""

    basetype = str
    name = "labels"
    takes = "it takes an object of texts, numbers or booleans, with names of 1 to 255 characters"
    limits = "it takes at most 200 labels with values of at most 4096 printable characters"

    def validate(self, value: object) -> dict[str, str]:
        given = literal(value) if isinstance(value, str) else value
        if not isinstance(given, Mapping):
            raise ValueError(self.takes)
        labels = {self._name(name): self._text(text) for name, text in given.items()}
        if len(labels) > 200 or any(len(text) > 4096 or not text.isprintable() for text in labels.values()):
            raise ValueError(self.limits)
        return labels

    def _name(self, name: object) -> str:
        if not isinstance(name, str) or not 1 <= len(name) <= 255 or not name.isprintable():
            raise ValueError(self.takes)
        return name

    def _text(self, value: object) -> str:
        if not isinstance(value, str | int | float):
            raise ValueError(self.takes)
        return str(value)


def literal(text: str) -> Any:
    """Read a Python literal, as some clients send in a JSON patch; raise ``ValueError`` for anything else."""
    try:
        if len(text) > MAX_LITERAL:
            raise ValueError(text[:20])
        value = ast.literal_eval(text)
        repr(value).encode()
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise ValueError("it takes JSON or a Python literal") from None
    return value
