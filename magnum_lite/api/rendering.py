# SPDX-License-Identifier: Apache-2.0
"""From views to JSON values: as WSME does it, but what a type needs is found out once and not for every value."""

from __future__ import annotations

import datetime
import decimal
import functools
from collections.abc import Callable
from typing import Any

from wsme import types as wtypes

Render = Callable[[Any], Any]

PLAIN = (str, int, float, bool)
TEXT: dict[Any, Render] = {
    bytes: lambda value: value.decode("ascii"),
    decimal.Decimal: str,
    datetime.date: lambda value: value.isoformat(),
    datetime.time: lambda value: value.isoformat(),
    datetime.datetime: lambda value: value.isoformat(),
}


@functools.cache
def renderer(datatype: Any) -> Render:
    """Give what turns a value of this type, or ``None``, into what JSON can say.

    It raises ``TypeError`` for a value of another type, however deep inside.
    """
    if wtypes.iscomplex(datatype):
        return _of_view(datatype)
    if wtypes.isarray(datatype):
        return _of_list(datatype)
    if wtypes.isdict(datatype):
        return _of_mapping(datatype)
    if wtypes.isusertype(datatype):
        return _of_own_kind(datatype)
    return _of_native(datatype)


def _of_view(view: Any) -> Render:
    fields = [(one.key, one.name, one.datatype, renderer(one.datatype)) for one in wtypes.list_attributes(view)]

    def render(value: Any) -> Any:
        if value is None:
            return None
        _check(value, view)
        made = {}
        for key, name, datatype, part in fields:
            one = getattr(value, key)
            if one is not wtypes.Unset:
                # Most values are what JSON knows itself, and a list has ten thousands of them.
                made[name] = one if one is None or (type(one) is datatype and datatype in PLAIN) else part(one)
        return made

    return render


def _of_list(datatype: Any) -> Render:
    part = renderer(datatype.item_type)

    def render(values: Any) -> Any:
        if values is None:
            return None
        _check(values, list)
        return [part(value) for value in values]

    return render


def _of_mapping(datatype: Any) -> Render:
    name, part = renderer(datatype.key_type), renderer(datatype.value_type)

    def render(values: Any) -> Any:
        if values is None:
            return None
        _check(values, dict)
        return {name(key): part(value) for key, value in values.items()}

    return render


def _of_own_kind(datatype: Any) -> Render:
    """A kind of ours may hold other values than its ``basetype`` says, and has checked them when they were set."""
    convert = TEXT.get(datatype.basetype)

    def render(value: Any) -> Any:
        if value is None:
            return None
        base = datatype.tobasetype(value)
        return base if convert is None else convert(base)

    return render


def _of_native(datatype: Any) -> Render:
    convert = TEXT.get(datatype)
    if convert is None and datatype not in PLAIN:
        raise TypeError(f"no answer can hold a {datatype!r}")

    def render(value: Any) -> Any:
        if value is None:
            return None
        _check(value, datatype)
        return value if convert is None else convert(value)

    return render


def _check(value: Any, datatype: Any) -> None:
    if not isinstance(value, datatype):
        raise TypeError(f"an answer holds {str(value)[:100]!r} where it should hold a {datatype.__name__}")
