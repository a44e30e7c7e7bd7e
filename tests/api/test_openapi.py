# SPDX-License-Identifier: Apache-2.0
"""The document: it is valid, it is all there, and what it says is true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from wsme import types as wtypes

from magnum_lite.api import fields
from magnum_lite.api.openapi.document import document
from magnum_lite.api.openapi.examples import example_of
from magnum_lite.api.openapi.names import operation_id, summary_of
from magnum_lite.api.openapi.operations import JSON
from magnum_lite.api.openapi.schemas import Schemas
from magnum_lite.api.root import TABLE
from magnum_lite.api.routes import Route, expose
from magnum_lite.api.rules import READER, Rule
from magnum_lite.api.v1.clusters_views import ClusterWish
from tests.api.answers import the_document, validator_of
from tests.api.examples import FOLDER, ask, body_of, shape_of
from tests.api.service import Service, error_of
from tests.api.world import new_world

ROUTES = pytest.mark.parametrize("route", TABLE.routes, ids=operation_id)
WITH_BODY = pytest.mark.parametrize("route", [one for one in TABLE.routes if one.body is not None], ids=operation_id)


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = the_document()["paths"][route.path][route.method.lower()]
    return operation


def _content(route: Route) -> dict[str, Any]:
    content: dict[str, Any] = _operation(route)["requestBody"]["content"][JSON]
    return content


def test_the_document_is_valid() -> None:
    problems = [error.message for error in OpenAPIV31SpecValidator(the_document()).iter_errors()]

    assert problems == []


def test_the_document_is_served_to_everybody_with_a_tag(service: Service) -> None:
    answer = service.call("GET", "/v1/openapi.json", user=None)

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == the_document()
    assert answer.headers["ETag"].startswith('"')


def test_a_document_that_is_still_right_is_not_sent_again(service: Service) -> None:
    tag = service.call("GET", "/v1/openapi.json", user=None).headers["ETag"]
    answer = service.call("GET", "/v1/openapi.json", user=None, headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)


def test_an_unknown_argument_of_the_document_is_refused(service: Service) -> None:
    answer = service.call("GET", "/v1/openapi.json?format=yaml", user=None)

    assert (answer.status_code, error_of(answer)["code"]) == (400, "bad-request")


def test_summaries_are_sentences_and_tell_operations_apart() -> None:
    summaries = [summary_of(route) for route in TABLE.routes]

    assert [one for one in summaries if not one.endswith(".")] == []
    assert len(set(summaries)) == len(summaries)
    assert len({operation_id(route) for route in TABLE.routes}) == len(summaries)


@ROUTES
def test_every_operation_says_who_may_since_when_and_how_it_can_end(route: Route) -> None:
    operation = _operation(route)
    rules = [rule.name for rule in (route.rule, *route.also) if rule is not None]

    assert set(rules) <= set(operation["x-openstack-policy"])
    assert operation["x-openstack-min-version"] == str(route.since)
    assert {str(route.status_code), "400", "406"} <= operation["responses"].keys()
    assert ("401" in operation["responses"]) == bool(operation["security"])


@ROUTES
def test_an_example_is_what_is_answered(route: Route, tmp_path: Path) -> None:
    example = example_of(route)
    service = new_world(tmp_path)
    answer = ask(service, route, example)
    service.close()

    assert answer.status_code == route.status_code, answer.text
    # ``python -m tests.api.examples`` writes the file again.
    assert shape_of(example.response) == shape_of(body_of(route, example, answer))


@WITH_BODY
def test_the_example_of_a_body_fits_its_schema(route: Route) -> None:
    content = _content(route)

    validator_of(content["schema"]).validate(content["example"])


def test_every_example_is_of_a_route() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {operation_id(route) for route in TABLE.routes}


@WITH_BODY
def test_every_bound_of_a_field_is_shown(route: Route) -> None:
    view = route.body[0] if isinstance(route.body, list) else route.body
    properties = the_document()["components"]["schemas"][view.__name__]["properties"]
    hidden = [
        one.name
        for one in wtypes.list_attributes(view)
        if (
            isinstance(one.datatype, fields.Text)
            and f'"maxLength": {one.datatype.maximum}' not in _text(properties[one.name])
        )
        or (
            isinstance(one.datatype, fields.Integer)
            and f'"minimum": {one.datatype.minimum}' not in _text(properties[one.name])
        )
    ]

    assert hidden == []


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema)


def test_what_came_with_a_later_microversion_says_so_and_is_not_required() -> None:
    schema = the_document()["components"]["schemas"]["ClusterDetail"]

    assert "1.13" in schema["properties"]["cluster_id"]["description"]
    assert schema["properties"]["cluster_id"]["x-openstack-min-version"] == "1.13"
    assert "cluster_id" not in schema.get("required", ())


TAKEN: tuple[tuple[Any, Any, bool], ...] = (
    (fields.Text(3), "abc", True),
    (fields.Text(3), "abcd", False),
    (fields.Text(3), "", False),
    (fields.Text(3), "a\n", False),
    (fields.Text(3, multiline=True), "a\n", True),
    (fields.Text(pattern="[a-c]+"), "abc", True),
    (fields.Text(pattern="[a-c]+"), "abcd", False),
    (fields.Text(), 7, False),
    (fields.Integer(1, 9), 9, True),
    (fields.Integer(1, 9), 10, False),
    (fields.Integer(1, 9), "9", True),
    (fields.Integer(1, 9), "nine", False),
    (fields.Integer(1, 9), True, False),
    (fields.Integer(1, 9), 1.5, False),
    (fields.Boolean(), False, True),
    (fields.Boolean(), "False", True),
    (fields.Boolean(), " YES ", True),
    (fields.Boolean(), 0, True),
    (fields.Boolean(), 2, False),
    (fields.Boolean(), "perhaps", False),
    (fields.Choice("vm", "bm"), "vm", True),
    (fields.Choice("vm", "bm"), "lxc", False),
    (fields.Addresses(), "192.0.2.1, 192.0.2.2", True),
    (fields.Addresses(), "192.0.2", False),
    (fields.Addresses(), 8, False),
    (fields.Labels(), {"a": "x", "b": 1, "c": True, "d": 1.5}, True),
    (fields.Labels(), "{'a': 'x'}", True),
    (fields.Labels(), {"a": {}}, False),
    (fields.Labels(), {"a": None}, False),
    (fields.Labels(), {"": "x"}, False),
    (fields.Labels(), ["a"], False),
)


@pytest.mark.parametrize(("kind", "value", "is_taken"), TAKEN, ids=[f"{row[0].name} {row[1]!r}" for row in TAKEN])
def test_schemas_say_of_a_value_what_the_field_does(kind: Any, value: Any, is_taken: bool) -> None:
    try:
        kind.validate(value)
        accepted = True
    except ValueError:
        accepted = False

    assert (accepted, validator_of({"anyOf": list(kind.schemas)}).is_valid(value)) == (is_taken, is_taken)


def test_null_is_not_given_but_for_what_is_mandatory() -> None:
    schema = validator_of(Schemas().of_request(ClusterWish))

    assert schema.is_valid({"cluster_template_id": "fcos", "node_count": None, "labels": None, "merge_labels": None})
    assert not schema.is_valid({"cluster_template_id": None})


LIST = Rule("thing:get_all", READER, "List things.")


def _silent() -> None:
    return None


def test_a_route_that_does_not_say_what_it_does_is_refused() -> None:
    with pytest.raises(ValueError, match="GET /v1/things needs a docstring"):
        document([expose("GET /v1/things", rule=None)(_silent)])


def test_a_route_without_an_example_is_refused() -> None:
    with pytest.raises(ValueError, match=r"GET /v1/things needs an example in test_openapi-silent\.json"):
        document([expose("GET /v1/things", rule=LIST)(_silent)])


def test_a_kind_of_field_without_a_schema_is_refused() -> None:
    class Wish(wtypes.Base):  # type: ignore[misc]
        size = wtypes.Enum(str, "small", "large")

    with pytest.raises(TypeError, match="Enum has no schemas"):
        Schemas().of_request(Wish)


def test_two_shapes_of_one_name_are_refused() -> None:
    class Link(wtypes.Base):  # type: ignore[misc]
        colour = str

    schemas = Schemas()
    for route in TABLE.routes:
        if route.answer is not None:
            schemas.of_answer(route.answer)

    with pytest.raises(ValueError, match="two shapes are called Link"):
        schemas.of_answer(Link)
