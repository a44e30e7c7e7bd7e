# SPDX-License-Identifier: Apache-2.0
"""Who may do what: every route for every kind of requester."""

from __future__ import annotations

from typing import Any

import pytest

from magnum_lite.api.policy import list_rules
from magnum_lite.api.root import TABLE
from tests.api.service import TEMPLATE, Service

USERS = ("admin", "demo", "colleague", "reader", "stranger", "other", None)

# What each is answered for what belongs to demo's project: an administrator, a member and another one, a reader,
# somebody without a role there, a member of another project, and somebody without a token.
MATRIX: dict[str, tuple[int, ...]] = {
    "GET /v1/clusters": (200, 200, 200, 200, 403, 200, 401),
    "GET /v1/clusters/detail": (200, 200, 200, 200, 403, 200, 401),
    "GET /v1/clusters/{ident}": (200, 200, 200, 200, 403, 404, 401),
    "GET /v1/clusters/{ident}/nodes": (200, 200, 200, 200, 403, 404, 401),
    "GET /v1/clusters/{ident}/events": (200, 200, 200, 200, 403, 404, 401),
    "GET /v1/clusters/{ident}/operations": (200, 200, 200, 200, 403, 404, 401),
    "POST /v1/clusters": (202, 202, 202, 403, 403, 400, 401),
    "DELETE /v1/clusters/{ident}": (204, 204, 204, 403, 403, 404, 401),
    "GET /v1/clustertemplates": (200, 200, 200, 200, 403, 200, 401),
    "GET /v1/clustertemplates/detail": (200, 200, 200, 200, 403, 200, 401),
    "GET /v1/clustertemplates/{ident}": (200, 200, 200, 200, 403, 404, 401),
    "POST /v1/clustertemplates": (201, 201, 201, 403, 403, 201, 401),
    "PATCH /v1/clustertemplates/{ident}": (200, 200, 200, 403, 403, 404, 401),
    "DELETE /v1/clustertemplates/{ident}": (400, 400, 400, 403, 403, 404, 401),
    "GET /v1/certificates/{ident}": (409, 409, 409, 409, 403, 404, 401),
    "POST /v1/certificates": (201, 201, 201, 403, 403, 400, 401),
    "GET /v1/mservices": (200, 403, 403, 403, 403, 403, 401),
}
PUBLIC = {
    "GET /",
    "GET /v1",
    "GET /v1/openapi.json",
    "GET /v1/agent/nodes/{uuid}/document",
    "POST /v1/agent/nodes/{uuid}/certificates",
    "POST /v1/agent/nodes/{uuid}/report",
}


def _request(service: Service, route: str) -> tuple[str, str, Any]:
    method, path = route.split(" ")
    template = service.template()
    cluster = service.cluster(template)
    bodies = {
        "POST /v1/clusters": {"name": "new", "cluster_template_id": template},
        "POST /v1/clustertemplates": TEMPLATE,
        "PATCH /v1/clustertemplates/{ident}": [{"op": "replace", "path": "/name", "value": "new"}],
        "POST /v1/certificates": {"cluster_uuid": cluster, "csr": "a CSR"},
    }
    return method, path.format(ident=template if "templates" in path else cluster), bodies.get(route)


def test_the_matrix_has_every_route() -> None:
    assert MATRIX.keys() | PUBLIC == {f"{route.method} {route.path}" for route in TABLE.routes}


@pytest.mark.parametrize("route", MATRIX)
def test_each_requester_is_answered_as_the_matrix_says(service: Service, route: str) -> None:
    method, path, body = _request(service, route)
    answers = tuple(service.call(method, path, body, user=user).status_code for user in USERS)

    assert answers == MATRIX[route]


def test_every_route_has_a_rule_or_is_public_on_purpose() -> None:
    assert {f"{route.method} {route.path}" for route in TABLE.routes if route.rule is None} == PUBLIC


def test_every_rule_says_what_it_is_for_and_where() -> None:
    rules = list_rules()
    names = [rule.name for rule in rules]

    assert len(names) == len(set(names))
    assert [rule.name for rule in rules if not str(rule.description).endswith(".")] == []
    assert [rule.name for rule in rules if ":" in rule.name and not rule.operations] == []


def test_lists_show_a_project_its_own_and_an_administrator_everything(service: Service) -> None:
    service.cluster()
    service.cluster(user="other")
    seen = {user: len(service.call("GET", "/v1/clusters", user=user).json["clusters"]) for user in ("demo", "admin")}

    assert seen == {"demo": 1, "admin": 2}


def test_what_an_administrator_makes_is_of_the_administrators_project(service: Service) -> None:
    uuid = service.cluster(user="admin")

    assert service.call("GET", f"/v1/clusters/{uuid}", user="admin").json["project_id"] == "admin-project"
    assert service.call("GET", f"/v1/clusters/{uuid}", user="demo").status_code == 404


def test_policy_is_asked_before_the_body_is_read(service: Service) -> None:
    assert service.call("POST", "/v1/clusters", data=b"{", user="reader").status_code == 403
