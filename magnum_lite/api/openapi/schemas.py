# SPDX-License-Identifier: Apache-2.0
"""JSON Schemas of views: of what a request may say, where null is "not given", and of what an answer holds."""

from __future__ import annotations

import datetime
import inspect
from typing import Any

from wsme import types as wtypes

from magnum_lite.api.fields import JSONSchema
from magnum_lite.api.openapi.meanings import MEANINGS

NATIVE: dict[Any, JSONSchema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    datetime.date: {"type": "string", "format": "date"},
}
REFERENCE = "#/components/schemas/"


class Schemas:
    """Gathers the schemas of views under their names, as ``components`` of the document.

    A view of a request may have ``_defaults``, the values of fields that are not given.
    """

    def __init__(self) -> None:
        self.named: dict[str, JSONSchema] = {}

    def of_request(self, view: Any) -> JSONSchema:
        """Give the schema of a body, which is a view or, as ``[View]``, a list of them."""
        if isinstance(view, list):
            return {"type": "array", "items": self.of_request(view[0])}
        properties = {one.name: described(one, self._taken(one)) for one in wtypes.list_attributes(view)}
        for name, value in getattr(view, "_defaults", {}).items():
            properties[name]["default"] = value
        return self._name(view, properties, {"additionalProperties": False})

    def of_answer(self, view: Any) -> JSONSchema:
        """Give the schema of what is answered; fields without a value are null or absent unless mandatory."""
        if isinstance(view, list):
            return {"type": "array", "items": self.of_answer(view[0])}
        if not _is_view(view):
            return self._given(view)
        properties = {}
        for one in wtypes.list_attributes(view):
            given = self._given(one.datatype)
            properties[one.name] = described(one, given if one.mandatory else nullable(given))
        return self._name(view, properties, {})

    def _name(self, view: Any, properties: dict[str, JSONSchema], more: JSONSchema) -> JSONSchema:
        """Keep a view's schema and give a reference to it; raise ``ValueError`` if another one is called the same."""
        required = [one.name for one in wtypes.list_attributes(view) if one.mandatory]
        schema: JSONSchema = {"type": "object", "properties": properties, **more}
        if "__doc__" in vars(view) and view.__doc__:
            schema["description"] = inspect.cleandoc(view.__doc__)
        if required:
            schema["required"] = required
        if self.named.setdefault(view.__name__, schema) != schema:
            raise ValueError(f"two shapes are called {view.__name__}: give the view in {view.__module__} another name")
        return {"$ref": f"{REFERENCE}{view.__name__}"}

    def _taken(self, field: Any) -> JSONSchema:
        schemas = [self._taken_value(one) for one in alternatives(field.datatype)]
        schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        return schema if field.mandatory else nullable(schema)

    def _taken_value(self, kind: Any) -> JSONSchema:
        if isinstance(kind, dict):
            return kind
        if isinstance(kind, wtypes.ArrayType):
            return {"type": "array", "items": self._taken_value(alternatives(kind.item_type)[0])}
        if isinstance(kind, wtypes.DictType):
            values = self._taken_value(alternatives(kind.value_type)[0])
            return {"type": "object", "additionalProperties": values}
        return self.of_request(kind)

    def _given(self, kind: Any) -> JSONSchema:
        """Give the schema of an answered value: a native kind, or the plainest way to write one of ours."""
        if isinstance(kind, wtypes.ArrayType):
            return {"type": "array", "items": self._given(kind.item_type)}
        if isinstance(kind, wtypes.DictType):
            return {"type": "object", "additionalProperties": self._given(kind.value_type)}
        if _is_view(kind):
            return self.of_answer(kind)
        return dict(alternatives(kind)[0])


def alternatives(kind: Any) -> tuple[Any, ...]:
    """Give the ways to write a value, the plainest first; raise ``TypeError`` for a kind that does not tell them."""
    if kind in NATIVE:
        return (NATIVE[kind],)
    if isinstance(kind, wtypes.UserType):
        schemas: tuple[JSONSchema, ...] | None = getattr(kind, "schemas", None)
        if not schemas:
            raise TypeError(f"{type(kind).__name__} has no schemas: see magnum_lite/api/fields.py")
        return schemas
    return (kind,)


def nullable(schema: JSONSchema) -> JSONSchema:
    """Give a schema that takes null too."""
    if not schema:
        return schema
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    made = {**schema, "type": [schema["type"], "null"]}
    return {**made, "enum": [*schema["enum"], None]} if "enum" in schema else made


def described(field: Any, schema: JSONSchema) -> JSONSchema:
    """Add what is known of a field: its sentence, and the microversion that brought it."""
    made = dict(schema)
    sentence = getattr(field, "sentence", None) or MEANINGS.get(field.name)
    since = getattr(field, "since", None)
    if since:
        sentence = f"{sentence} From microversion {since} on." if sentence else f"From microversion {since} on."
        made["x-openstack-min-version"] = since
    if sentence:
        made["description"] = sentence
    return made


def _is_view(kind: Any) -> bool:
    return inspect.isclass(kind) and issubclass(kind, wtypes.Base)
