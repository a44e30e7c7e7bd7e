# SPDX-License-Identifier: Apache-2.0
"""What all tests of the API watch for is noticed."""

from __future__ import annotations

import json

import pytest

from magnum_lite.api.openapi.names import operation_id
from magnum_lite.api.root import TABLE
from magnum_lite.errors import Conflict
from tests.api.answers import check_documented, check_safe
from tests.api.service import TEMPLATE, Service

GET = next(route for route in TABLE.routes if operation_id(route) == "clusters-get")
CREATE = next(route for route in TABLE.routes if operation_id(route) == "clusters-create")
DELETE = next(route for route in TABLE.routes if operation_id(route) == "clusters-delete")

INSIDES = (
    "Traceback (most recent call last)",
    "SELECT id FROM cluster",
    "INSERT INTO cluster VALUES (1)",
    "(sqlite3.OperationalError) no such table",
    "/usr/lib/python3/magnum_lite/api",
    'File "app.py", line 3',
    "<class 'int'> expected",
    "<Cluster object at 0x7f00>",
)


@pytest.mark.parametrize("text", INSIDES)
def test_what_tells_of_our_insides_is_noticed(text: str) -> None:
    with pytest.raises(AssertionError):
        check_safe(400, text)


def test_a_failure_of_the_server_is_noticed() -> None:
    with pytest.raises(AssertionError):
        check_safe(500, "It failed")


def test_what_the_request_said_may_be_repeated() -> None:
    check_safe(400, "Invalid value 'SELECT x' for name", sent='{"name": "SELECT x"}')


def test_a_status_that_a_route_does_not_declare_is_noticed(service: Service) -> None:
    service.clouds.refusal = Conflict("the image is busy")

    with pytest.raises(AssertionError, match="POST /v1/clustertemplates answered with 409, which is not documented"):
        service.call("POST", "/v1/clustertemplates", TEMPLATE)


def test_a_shape_that_is_not_documented_is_noticed() -> None:
    body = json.dumps({"uuid": 7}).encode()

    with pytest.raises(AssertionError, match="in a shape that is not documented"):
        check_documented(CREATE, 202, "application/json", body)


def test_a_body_where_none_is_documented_is_noticed() -> None:
    with pytest.raises(AssertionError, match="none is documented"):
        check_documented(DELETE, 204, "application/json", b"{}")


def test_another_content_type_is_noticed() -> None:
    with pytest.raises(AssertionError, match="text/html"):
        check_documented(GET, 200, "text/html", b"{}")
