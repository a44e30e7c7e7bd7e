# SPDX-License-Identifier: Apache-2.0
"""One operation of the document: what a route takes and what it answers."""

from __future__ import annotations

import http
import re
from typing import Any

from wsme import types as wtypes

from magnum_lite.api.openapi.examples import Example, example_of
from magnum_lite.api.openapi.meanings import MEANINGS
from magnum_lite.api.openapi.names import description_of, operation_id, summary_of, tag_of
from magnum_lite.api.openapi.schemas import Schemas, alternatives, described
from magnum_lite.api.openapi.security import security_of
from magnum_lite.api.openapi.statuses import errors_of, sentence_of
from magnum_lite.api.routes import Route

JSON = "application/json"
# What is said of a field as a whole stands beside the schema of a parameter, not in it.
ABOUT_PARAMETERS = ("description", "x-openstack-min-version")
SEGMENT = {"type": "string", "minLength": 1, "pattern": r"^[^/\u0000-\u001f\u007f-\u009f]+$"}
VERSION_PARAMETER = {"$ref": "#/components/parameters/OpenStackAPIVersion"}
HEADERS = {
    "x-openstack-request-id": {"$ref": "#/components/headers/RequestID"},
    "OpenStack-API-Version": {"$ref": "#/components/headers/OpenStackAPIVersion"},
}


def operation(route: Route, schemas: Schemas) -> dict[str, Any]:
    """Give the Operation Object of a route; the schemas of its views are gathered in ``schemas``."""
    summary = summary_of(route)
    example = example_of(route)
    made: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": summary,
        "tags": [tag_of(route)],
        "parameters": [*_path(route, example), *_query(route, example), *_headers(route), VERSION_PARAMETER],
        "security": security_of(route),
        "responses": _responses(route, schemas, example),
        "x-openstack-min-version": str(route.since),
        "x-openstack-policy": _rules(route),
    }
    description = description_of(route)
    if description and description != summary:
        made["description"] = description
    if route.body is not None:
        content = {"schema": schemas.of_request(route.body), "example": example.request}
        made["requestBody"] = {"required": True, "content": {JSON: content}}
    return made


def _rules(route: Route) -> list[str]:
    rules = [rule for rule in (route.rule, *route.also) if rule is not None]
    return [name for rule in rules for name in (rule.name, rule.all_projects) if name]


def _path(route: Route, example: Example) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": MEANINGS.get(name, ""),
            "schema": SEGMENT,
            "example": example.path[name],
        }
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query(route: Route, example: Example) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    made = []
    for one in wtypes.list_attributes(route.query):
        # Whatever stands in a URL is text, so the plainest way to write a value is the only one.
        schema = described(one, dict(alternatives(one.datatype)[0]))
        parameter: dict[str, Any] = {"name": one.name, "in": "query", "required": bool(one.mandatory)}
        parameter |= {key: schema.pop(key) for key in ABOUT_PARAMETERS if key in schema}
        if one.name in example.query:
            parameter["example"] = example.query[one.name]
        made.append({**parameter, "schema": schema})
    return made


def _headers(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": False, "description": sentence, "schema": {"type": "string"}}
        for name, sentence in route.headers.items()
    ]


def _responses(route: Route, schemas: Schemas, example: Example) -> dict[str, Any]:
    success: dict[str, Any] = {"description": http.HTTPStatus(route.status_code).phrase, "headers": HEADERS}
    if route.answer is not None:
        schema = schemas.of_answer(route.answer)
        success["content"] = {JSON: {"schema": schema, "example": example.response}}
    made = {str(route.status_code): success}
    for status, sentence in route.instead.items():
        made[str(status)] = {"description": sentence, "headers": HEADERS}
    for status, kinds in errors_of(route).items():
        content = {JSON: {"schema": {"$ref": "#/components/schemas/Errors"}}}
        made[str(status)] = {"description": sentence_of(status, kinds), "headers": HEADERS, "content": content}
    return made
