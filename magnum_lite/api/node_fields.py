# SPDX-License-Identifier: Apache-2.0
"""The kinds of fields that describe nodes to Kubernetes, and their health to us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsme import types as wtypes

from magnum_lite.api.fields import MAX_LITERAL, JSONSchema, literal

MOST = 100
LONGEST = 4096


class Texts(wtypes.UserType):  # type: ignore[misc]
    """Takes an object of texts, or a Python literal of one; other scalars become text as ``str`` writes them."""

    basetype = str
    name = "texts"
    takes = f"it takes an object of at most {MOST} texts, each of at most {LONGEST} characters"
    schemas: tuple[JSONSchema, ...] = (
        {
            "type": "object",
            "maxProperties": MOST,
            "additionalProperties": {"type": ["string", "number", "boolean", "null"], "maxLength": LONGEST},
        },
        {"type": "string", "description": "A Python literal of such an object.", "maxLength": MAX_LITERAL},
    )

    def validate(self, value: object) -> dict[str, str]:
        given = literal(value) if isinstance(value, str) else value
        if not isinstance(given, Mapping) or len(given) > MOST:
            raise ValueError(self.takes)
        return {self._text(name): self._text(said) for name, said in given.items()}

    def _text(self, value: object) -> str:
        if isinstance(value, Mapping | list) or len(str(value)) > LONGEST or "\0" in str(value):
            raise ValueError(self.takes)
        return str(value)


class Taints(wtypes.UserType):  # type: ignore[misc]
    """Takes a list of objects, or a Python literal of one; what they may say is checked with the nodegroup."""

    basetype = str
    name = "taints"
    takes = f"it takes a list of at most {MOST} objects with key, effect and, if need be, value"
    schemas: tuple[JSONSchema, ...] = (
        {"type": "array", "maxItems": MOST, "items": {"type": "object"}},
        {"type": "string", "description": "A Python literal of such a list.", "maxLength": MAX_LITERAL},
    )

    def validate(self, value: object) -> list[dict[str, Any]]:
        given = literal(value) if isinstance(value, str) else value
        if not isinstance(given, list) or len(given) > MOST or not all(isinstance(one, Mapping) for one in given):
            raise ValueError(self.takes)
        return [dict(one) for one in given]
