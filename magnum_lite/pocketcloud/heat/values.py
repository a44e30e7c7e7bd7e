# SPDX-License-Identifier: Apache-2.0
"""The plain values that templates are made of."""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

# A template's value is whatever YAML can hold; each reader checks what it needs.
Json: TypeAlias = Any


class _Unknown:
    """The value of something that exists only once the stack has been built."""

    def __repr__(self) -> str:
        return "<known later>"


UNKNOWN: Final = _Unknown()


def holds_unknown(value: Json) -> bool:
    """Say whether some part of the value is known only later."""
    if isinstance(value, Mapping):
        return any(holds_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(holds_unknown(item) for item in value)
    return value is UNKNOWN


def without_unknown(value: Json) -> Json:
    """Give the value with null where it is not known yet."""
    if isinstance(value, Mapping):
        return {key: without_unknown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_unknown(item) for item in value]
    return None if value is UNKNOWN else value


def as_text(value: Json) -> str:
    """Render a value for insertion into a string: maps and lists as JSON, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, (Mapping, list)):
        return json.dumps(value)
    return str(value)
