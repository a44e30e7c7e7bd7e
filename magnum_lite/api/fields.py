# SPDX-License-Identifier: Apache-2.0
"""The kinds of fields that requests have, each taking what clients really send and saying what it takes.

Every kind reads a value in ``validate``, because there WSME knows the field's name when one is refused. ``schemas`` of
a kind are the JSON Schemas of what it takes, the plainest way to write a value first.
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
MAX_LABELS = 200
MAX_LABEL = 4096
# JSON Schema knows no class of printable characters: these are the ones that are surely none.
NO_CONTROLS = r"^[^\u0000-\u001f\u007f-\u009f]*$"

JSONSchema = dict[str, Any]


class Field(wtypes.wsattr):  # type: ignore[misc]
    """A field that needs a sentence of its own; ``since`` is the microversion that brought it.

    Fields whose names say it all, or that mean the same everywhere (``api/openapi/meanings.py``), stand in a view
    without one.
    """

    def __init__(self, kind: Any, sentence: str, *, since: str | None = None, mandatory: bool = False) -> None:
        super().__init__(kind, mandatory=mandatory)
        self.sentence = sentence
        self.since = since


class Anything(wtypes.UserType):  # type: ignore[misc]
    """Takes any JSON value as it is."""

    basetype = str
    name = "any"
    schemas: tuple[JSONSchema, ...] = ({},)


class Document(wtypes.UserType):  # type: ignore[misc]
    """Any JSON object: what it holds is said elsewhere."""

    basetype = str
    name = "document"
    schemas: tuple[JSONSchema, ...] = ({"type": "object"},)


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

    @property
    def schemas(self) -> tuple[JSONSchema, ...]:
        own: JSONSchema = {"type": "string", "minLength": self.minimum, "maxLength": self.maximum}
        if self.pattern:
            own["pattern"] = f"^(?:{self.pattern})$"
        elif not self.multiline:
            own["pattern"] = NO_CONTROLS
        return (own,)

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

    @property
    def schemas(self) -> tuple[JSONSchema, ...]:
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        return {"type": "integer", **bounds}, {"type": "string", "pattern": "^[+-]?[0-9]{1,15}$"}

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

    @property
    def schemas(self) -> tuple[JSONSchema, ...]:
        words = "|".join(_in_any_case(word) for word in TRUE + FALSE)
        return {"type": "boolean"}, {"type": "string", "pattern": rf"^\s*(?:{words})\s*$"}, {"enum": [0, 1]}

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

    @property
    def schemas(self) -> tuple[JSONSchema, ...]:
        return ({"type": "string", "enum": [str(word) for word in self.words]},)

    def validate(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(self.takes)
        return value


class Addresses(wtypes.UserType):  # type: ignore[misc]
    """Takes IPv4 addresses, separated by commas."""

    basetype = str
    name = "addresses"
    takes = "it takes IPv4 addresses separated by commas"
    schemas: tuple[JSONSchema, ...] = (
        {
            "type": "string",
            "minLength": 7,
            "maxLength": 255,
            "pattern": r"^\s*\d+(\.\d+){3}\s*(,\s*\d+(\.\d+){3}\s*)*$",
        },
    )

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
    limits = f"it takes at most {MAX_LABELS} labels with values of at most {MAX_LABEL} printable characters"
    schemas: tuple[JSONSchema, ...] = (
        {
            "type": "object",
            "maxProperties": MAX_LABELS,
            "propertyNames": {"minLength": 1, "maxLength": 255, "pattern": NO_CONTROLS},
            "additionalProperties": {
                "type": ["string", "number", "boolean"],
                "maxLength": MAX_LABEL,
                "pattern": NO_CONTROLS,
            },
        },
        {"type": "string", "description": "A Python literal of such an object.", "maxLength": MAX_LITERAL},
    )

    def validate(self, value: object) -> dict[str, str]:
        given = literal(value) if isinstance(value, str) else value
        if not isinstance(given, Mapping):
            raise ValueError(self.takes)
        labels = {self._name(name): self._text(text) for name, text in given.items()}
        if len(labels) > MAX_LABELS or any(len(text) > MAX_LABEL or not text.isprintable() for text in labels.values()):
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


def _in_any_case(word: str) -> str:
    """Give a pattern: flags of patterns are no part of JSON Schema."""
    return "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in word)


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
