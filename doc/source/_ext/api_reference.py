# SPDX-License-Identifier: Apache-2.0
"""The directive ``api-reference``: every route of the API, written from its OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from docutils.parsers.rst import Directive

from magnum_lite.api.openapi.document import document
from magnum_lite.api.root import TABLE

JSON = "application/json"
METHODS = ("get", "post", "patch", "put", "delete")
PARAMETERS = ("Parameter", "In", "Takes", "Meaning")
FIELDS = ("Field", "Takes", "Default", "Meaning")


def render(described: dict[str, Any]) -> list[str]:
    """Give the document as lines of reStructuredText, with sections but without a title."""
    return [
        *_text(described["info"]["description"]).splitlines(),
        "",
        *_table(PARAMETERS, [_parameter(one) for one in described["components"]["parameters"].values()]),
        *(line for tag in described["tags"] for line in _tag(described, tag)),
        *_shapes(described["components"]["schemas"]),
    ]


def _tag(described: dict[str, Any], tag: dict[str, Any]) -> Iterator[str]:
    yield from _title(tag["name"], "-")
    yield from (_text(tag["description"]), "")
    for path, operations in described["paths"].items():
        for method in METHODS:
            if method in operations and tag["name"] in operations[method]["tags"]:
                yield from _operation(described, f"{method.upper()} {path}", operations[method])


def _operation(described: dict[str, Any], title: str, operation: dict[str, Any]) -> Iterator[str]:
    yield from (f".. _operation-{operation['operationId'].lower()}:", "")
    yield from _title(title, "~")
    yield from (_text(operation.get("description", operation["summary"])), "")
    yield from (_who(operation), "")
    # What every route takes stands at the top of the page.
    own = [one for one in operation["parameters"] if "$ref" not in one]
    yield from _table(PARAMETERS, [_parameter(one) for one in own])
    body = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if body is not None:
        yield from (f"The body is {_takes(body['schema'])}:", "")
        yield from _fields(_resolved(described, body["schema"].get("items", body["schema"])))
    yield from (f"Example: ``{_request_line(title, own)}``", "")
    if body is not None:
        yield from _example(body["example"])
    rows = [(status, _text(one["description"])) for status, one in operation["responses"].items()]
    yield from _table(("Status", "Meaning"), rows)
    for answer in operation["responses"].values():
        content = answer.get("content", {}).get(JSON, {})
        if "example" in content:
            yield from (f"The answer is {_takes(content['schema'])}:", "")
            yield from _example(content["example"])


def _parameter(one: dict[str, Any]) -> tuple[str, ...]:
    return f"``{one['name']}``", one["in"], _takes(one["schema"]), _meaning(one)


def _request_line(title: str, parameters: list[dict[str, Any]]) -> str:
    """Give method and URL of the example, whose values the parameters carry."""
    values = {one["name"]: one["example"] for one in parameters if one["in"] == "path"}
    query = {one["name"]: one["example"] for one in parameters if one["in"] == "query" and "example" in one}
    return title.format(**values) + (f"?{urlencode(query)}" if query else "")


def _who(operation: dict[str, Any]) -> str:
    """Say since when there is an operation, what token it needs and which rules it asks."""
    tokens = [name for one in operation["security"] for name in one]
    token = {"keystone": "Needs a Keystone token.", "node": "Needs the token of the node."}
    needs = token[tokens[0]] if tokens else "Needs no token."
    rules = ", ".join(f"``{name}``" for name in operation["x-openstack-policy"])
    asks = f" Policy: {rules}." if rules else ""
    return f"From microversion {operation['x-openstack-min-version']} on. {needs}{asks}"


def _shapes(schemas: dict[str, Any]) -> Iterator[str]:
    yield from _title("Shapes", "-")
    for name, schema in schemas.items():
        yield from (f".. _shape-{name.lower()}:", "")
        yield from _title(name, "~")
        if "description" in schema:
            yield from (*_text(schema["description"]).splitlines(), "")
        yield from _fields(schema)
        for example in schema.get("examples", ()):
            yield from _example(example)


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    rows = []
    for name, field in schema.get("properties", {}).items():
        default = f"``{json.dumps(field['default'])}``" if "default" in field else ""
        mandatory = name in required and schema.get("additionalProperties") is False
        rows.append((f"``{name}``", _takes(field), "mandatory" if mandatory else default, _meaning(field)))
    yield from _table(FIELDS, rows)


def _takes(schema: dict[str, Any]) -> str:
    """Say in words what a value is; of several ways to write it the plainest."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f":ref:`{name} <shape-{name.lower()}>`"
    if "anyOf" in schema:
        return _takes(schema["anyOf"][0])
    if "enum" in schema:
        return " or ".join(f"``{word}``" for word in schema["enum"] if word is not None)
    kinds = schema.get("type", "anything")
    kind = kinds if isinstance(kinds, str) else next(one for one in kinds if one != "null")
    if kind == "array":
        most = f" with at most {schema['maxItems']} entries" if "maxItems" in schema else ""
        return f"a list of {_takes(schema['items'])}{most}"
    if kind == "object":
        values = schema.get("additionalProperties")
        most = f" with at most {schema['maxProperties']} entries" if "maxProperties" in schema else ""
        return f"an object of {_takes(values)}{most}" if isinstance(values, dict) else f"an object{most}"
    return _scalar(kind, schema)


def _scalar(kind: str, schema: dict[str, Any]) -> str:
    word = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}.get(kind, kind)
    if schema.get("format") == "date-time":
        return "moment (ISO 8601)"
    if "maximum" in schema:
        return f"{word} from {schema['minimum']} to {schema['maximum']}"
    if "maxLength" in schema:
        word += f" of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    # Patterns that only keep control characters out tell a reader nothing.
    pattern = schema.get("pattern", "")
    return f"{word} that matches ``{pattern}``" if pattern and "u0000" not in pattern else word


def _resolved(described: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in one:
        return one
    found: Any = described
    for name in one["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def _meaning(described: dict[str, Any]) -> str:
    return _text(described.get("description", "")) or "\\"


def _text(said: str) -> str:
    """Turn the code spans of Markdown into those of reStructuredText; the document has no other marks."""
    return re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", said)


def _title(text: str, line: str) -> tuple[str, ...]:
    return text, line * len(text), ""


def _example(value: Any) -> Iterator[str]:
    yield from (".. code-block:: json", "")
    yield from (f"   {line}" for line in json.dumps(value, indent=2, ensure_ascii=False).splitlines())
    yield ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        return
    yield from (".. list-table::", "   :header-rows: 1", "")
    for row in (heads, *rows):
        for index, cell in enumerate(row):
            yield f"   {'* -' if index == 0 else '  -'} {cell}".rstrip()
    yield ""


class APIReference(Directive):
    """Writes the reference in its place."""

    def run(self) -> list[Any]:
        # The page changes with the code and not only with its own file.
        self.state.document.settings.env.note_reread()
        self.state_machine.insert_input(render(document(TABLE.routes)), "api-reference")
        return []


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("api-reference", APIReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
