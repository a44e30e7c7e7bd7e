# SPDX-License-Identifier: Apache-2.0
"""From JSON to views and back, with errors in our words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import wsme.exc
from wsme import types as wtypes
from wsme.rest import json as wsme_json

from magnum_lite import errors
from magnum_lite.api.rendering import renderer

MAX_QUERY = 8192
ENTRY = "an entry of the list"


def read(view: Any, value: object) -> Any:
    """Make a view, or a list of views for ``[View]``, from parsed JSON; raise ``BadRequest`` naming what is wrong."""
    if not isinstance(view, list):
        return _read_one(view, value, "the body of the request")
    if not isinstance(value, list):
        raise errors.InvalidField("the body of the request", value, "it takes a list")
    return [_read_one(view[0], one, ENTRY) for one in value]


def read_query(view: Any, text: str) -> Any:
    """Make a view from a query string; every argument comes at most once and none may be unknown."""
    if len(text) > MAX_QUERY:
        raise errors.BadRequest(f"The query string is longer than {MAX_QUERY} characters")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        raise errors.BadRequest("The query string is not valid UTF-8 in percent encoding") from None
    arguments = dict(pairs)
    if len(arguments) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise errors.BadRequest(f"The query has {repeated[:100]!r} more than once: each argument is taken once")
    return _read_one(view, arguments, "the query")


def render(view: Any, value: object) -> bytes:
    """Write a view as JSON text."""
    return json.dumps(renderer(view)(value)).encode()


def _read_one(view: Any, value: object, what: str) -> Any:
    if not isinstance(value, dict):
        raise errors.InvalidField(what, value, "it takes an object")
    _check_lists(view, value)
    try:
        made = wsme_json.fromjson(view, value)
    except wsme.exc.UnknownAttribute as error:
        names = ", ".join(sorted(name for attribute in error.attributes if (name := str(attribute)[:100])))
        known = ", ".join(sorted(one.name for one in wtypes.list_attributes(view))) or "nothing"
        raise errors.BadRequest(f"Unknown attribute in {what}: {names}; it takes {known}") from None
    except wsme.exc.InvalidInput as error:
        allowed = "it is mandatory" if "Mandatory" in str(error.msg) else str(error.msg)
        raise errors.InvalidField(error.fieldname, error.value, allowed) from None
    for one in wtypes.list_attributes(view):
        if one.mandatory and getattr(made, one.key) is None:
            raise errors.InvalidField(one.name, None, "it is mandatory")
    return made


def _check_lists(view: Any, value: dict[str, Any]) -> None:
    """Refuse what should be a list: WSME does it without the field's name."""
    for one in wtypes.list_attributes(view):
        found = value.get(one.name)
        if isinstance(one.datatype, wtypes.ArrayType) and not isinstance(found, list | None):
            raise errors.InvalidField(one.name, found, "it takes a list")


def given(view: Any) -> dict[str, Any]:
    """Give the fields that a request set to something; ``null`` counts as not given."""
    values = {one.key: getattr(view, one.key) for one in wtypes.list_attributes(type(view))}
    return {name: value for name, value in values.items() if value is not wtypes.Unset and value is not None}
