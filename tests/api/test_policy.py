# SPDX-License-Identifier: Apache-2.0
"""Who may do what: every route for every kind of requester."""

from __future__ import annotations

from typing import Any

import pytest

from magnum_lite.api.policy import Policy, list_rules
from magnum_lite.api.root import TABLE
from magnum_lite.context import RequestContext
from magnum_lite.model import Cluster
from tests.api.service import TEMPLATE, Service
from tests.fakes.identity import USERS as USERS_BY_TOKEN

USERS = (
    "admin",
    "demo",
    "colleague",
    "reader",
    "k8s_admin",
    "k8s_developer",
    "k8s_viewer",
    "cluster",
    "stranger",
    "other",
    None,
)

# What each is answered for what belongs to demo's project: an administrator, the member who made it and another one,
# a reader, the three roles of Kubernetes, the cluster's own user, somebody without a role there, a member of another
# project, and somebody without a token. A k8s_admin who is no member cannot give a cluster's user any role, so that
# one cannot make clusters: see test_a_k8s_admin_makes_clusters_where_the_clusters_user_gets_that_role.
MATRIX: dict[str, tuple[int, ...]] = {
    "GET /v1/clusters": (200, 200, 200, 200, 200, 403, 200, 403, 403, 200, 401),
    "GET /v1/clusters/detail": (200, 200, 200, 200, 200, 403, 200, 403, 403, 200, 401),
    "GET /v1/clusters/{ident}": (200, 200, 200, 200, 200, 403, 200, 200, 403, 404, 401),
    "GET /v1/clusters/{ident}/nodes": (200, 200, 200, 200, 200, 403, 200, 200, 403, 404, 401),
    "GET /v1/clusters/{ident}/events": (200, 200, 200, 200, 200, 403, 200, 200, 403, 404, 401),
    "GET /v1/clusters/{ident}/operations": (200, 200, 200, 200, 200, 403, 200, 200, 403, 404, 401),
    "POST /v1/clusters": (202, 202, 202, 403, 403, 403, 403, 403, 403, 404, 401),
    "PATCH /v1/clusters/{ident}": (202, 202, 202, 403, 202, 403, 403, 403, 403, 404, 401),
    "PATCH /v1/clusters/{ident} health": (202, 202, 403, 403, 403, 403, 403, 202, 403, 404, 401),
    "DELETE /v1/clusters/{ident}": (204, 204, 204, 403, 204, 403, 403, 403, 403, 404, 401),
    "POST /v1/clusters/{ident}/actions/resize": (202, 202, 202, 403, 202, 403, 403, 202, 403, 404, 401),
    "POST /v1/clusters/{ident}/actions/upgrade": (202, 202, 202, 403, 202, 403, 403, 403, 403, 404, 401),
    "GET /v1/clusters/{ident}/nodegroups": (200, 200, 200, 200, 200, 403, 200, 200, 403, 404, 401),
    "GET /v1/clusters/{ident}/nodegroups/{nodegroup}": (200, 200, 200, 200, 200, 403, 200, 200, 403, 404, 401),
    "POST /v1/clusters/{ident}/nodegroups": (202, 409, 409, 403, 409, 403, 403, 403, 403, 404, 401),
    "PATCH /v1/clusters/{ident}/nodegroups/{nodegroup}": (202, 202, 202, 403, 202, 403, 403, 403, 403, 404, 401),
    "DELETE /v1/clusters/{ident}/nodegroups/{nodegroup}": (400, 400, 400, 403, 400, 403, 403, 403, 403, 404, 401),
    "GET /v1/clustertemplates": (200, 200, 200, 200, 200, 403, 200, 403, 403, 200, 401),
    "GET /v1/clustertemplates/detail": (200, 200, 200, 200, 200, 403, 200, 403, 403, 200, 401),
    "GET /v1/clustertemplates/{ident}": (200, 200, 200, 200, 200, 403, 200, 403, 403, 404, 401),
    "POST /v1/clustertemplates": (201, 201, 201, 403, 201, 403, 403, 403, 403, 201, 401),
    "PATCH /v1/clustertemplates/{ident}": (200, 200, 200, 403, 200, 403, 403, 403, 403, 404, 401),
    "DELETE /v1/clustertemplates/{ident}": (400, 400, 400, 403, 400, 403, 403, 403, 403, 404, 401),
    "GET /v1/certificates/{ident}": (200, 200, 200, 200, 200, 200, 200, 403, 403, 404, 401),
    "POST /v1/certificates": (201, 201, 201, 403, 201, 201, 201, 403, 403, 400, 401),
    "PATCH /v1/certificates/{ident}": (202, 202, 202, 403, 202, 403, 403, 403, 403, 404, 401),
    "PATCH /v1/credentials/{ident}": (404, 202, 202, 403, 202, 403, 403, 403, 403, 404, 401),
    "GET /v1/mservices": (200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401),
    "GET /v1/quotas": (200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401),
    "POST /v1/quotas": (201, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401),
    "GET /v1/quotas/{project_id}/{resource}": (200, 200, 200, 200, 200, 403, 200, 403, 403, 403, 401),
    "PATCH /v1/quotas/{project_id}/{resource}": (404, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401),
    "DELETE /v1/quotas/{project_id}/{resource}": (404, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401),
    "GET /v1/stats": (200, 200, 200, 200, 200, 403, 200, 403, 403, 200, 401),
    "GET /v1/labels": (200, 200, 200, 200, 200, 403, 200, 403, 403, 200, 401),
}
PUBLIC = {
    "GET /",
    "GET /v1",
    "GET /v1/openapi.json",
    "GET /v1/agent/nodes/{uuid}/document",
    "POST /v1/agent/nodes/{uuid}/certificates",
    "POST /v1/agent/nodes/{uuid}/report",
}


HEALTHY = {"op": "replace", "path": "/health_status", "value": "HEALTHY"}
OTHER_NAME = {"op": "replace", "path": "/name", "value": "new"}


def _request(service: Service, route: str) -> tuple[str, str, Any]:
    method, path = route.split(" ")[:2]
    template = service.template()
    cluster = service.finished(template)
    bodies = {
        "POST /v1/clusters": {"name": "new", "cluster_template_id": template},
        "PATCH /v1/clusters/{ident}": [{"op": "replace", "path": "/node_count", "value": 1}],
        "PATCH /v1/clusters/{ident} health": [HEALTHY],
        "POST /v1/clusters/{ident}/actions/resize": {"node_count": 2},
        "POST /v1/clusters/{ident}/actions/upgrade": {"cluster_template": template},
        "POST /v1/clusters/{ident}/nodegroups": {"name": "more"},
        "PATCH /v1/clusters/{ident}/nodegroups/{nodegroup}": [{"op": "add", "path": "/max_node_count", "value": 9}],
        "POST /v1/clustertemplates": TEMPLATE,
        "PATCH /v1/clustertemplates/{ident}": [OTHER_NAME],
        "POST /v1/certificates": {"cluster_uuid": cluster, "csr": "a CSR"},
        "POST /v1/quotas": {"project_id": "demo-project", "hard_limit": 3},
        "PATCH /v1/quotas/{project_id}/{resource}": {"hard_limit": 3},
    }
    named = {
        "ident": template if "templates" in path else cluster,
        "nodegroup": "default-worker",
        "project_id": "demo-project",
        "resource": "Cluster",
    }
    return method, path.format(**named), bodies.get(route)


def test_the_matrix_has_every_route() -> None:
    routes = {route.removesuffix(" health") for route in MATRIX} | PUBLIC

    assert routes == {f"{route.method} {route.path}" for route in TABLE.routes}


@pytest.mark.parametrize("route", MATRIX)
def test_each_requester_is_answered_as_the_matrix_says(service: Service, route: str) -> None:
    method, path, body = _request(service, route)
    answers = []
    for user in USERS:
        answers.append(service.call(method, path, body, user=user, version="latest").status_code)
        if method != "DELETE":
            service.finish_all()

    assert tuple(answers) == MATRIX[route]


def test_a_k8s_admin_makes_clusters_where_the_clusters_user_gets_that_role(service: Service) -> None:
    wish = {"name": "new", "cluster_template_id": service.template()}
    refused = service.call("POST", "/v1/clusters", wish, user="k8s_admin")
    service.conf.set_override("roles", ["member", "k8s_admin"], group="cluster_user")
    answer = service.call("POST", "/v1/clusters", wish, user="k8s_admin")

    assert (refused.status_code, answer.status_code) == (403, 202)
    assert service.rows(answer.json["uuid"]).roles == ["k8s_admin"]


def test_a_clusters_user_reaches_no_other_cluster(service: Service) -> None:
    other = service.cluster(name="other")
    answers = [
        service.call("GET", f"/v1/clusters/{other}", user="cluster"),
        service.call("PATCH", f"/v1/clusters/{other}", [HEALTHY], user="cluster"),
        service.call("POST", f"/v1/clusters/{other}/actions/resize", {"node_count": 2}, user="cluster", version="1.9"),
        service.call("GET", f"/v1/clusters/{other}/nodegroups", user="cluster", version="1.9"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4


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


# What is asked beside a route's own rule, about what demo made: each by the users of the first row of the matrix.
BESIDE: dict[str, set[str]] = {
    "cluster:update": {"admin", "demo", "colleague", "k8s_admin"},
    "clustertemplate:publish": {"admin"},
    "certificate:create_admin": {"admin", "demo", "colleague", "k8s_admin"},
    "certificate:create_k8s_developer": {"k8s_developer"},
    "certificate:create_k8s_viewer": {"k8s_viewer"},
}


def _allowed(service: Service, name: str, cluster: Cluster) -> set[str]:
    """Name the users whom a rule allows something about a cluster that demo made."""
    policy = Policy(service.conf)
    target = {name: getattr(cluster, name) for name in ("project_id", "user_id", "cluster_user_id")}
    contexts = {
        name: RequestContext(
            user_id=user.id,
            project_id=user.project_id,
            roles=user.roles.split(","),
            is_cluster_user=user.domain == "magnum",
        )
        for name, user in USERS_BY_TOKEN.items()
    }
    return {user for user, context in contexts.items() if policy.allows(name, context, target)}


@pytest.mark.parametrize("rule", BESIDE)
def test_a_rule_beside_a_routes_own_allows_whom_it_should(service: Service, rule: str) -> None:
    assert _allowed(service, rule, service.rows(service.finished())) == BESIDE[rule]


def test_every_rule_is_in_one_of_the_two_tables() -> None:
    own = {route.rule.name for route in TABLE.routes if route.rule is not None}
    beside = {rule.name for route in TABLE.routes for rule in route.also}

    assert beside - own == BESIDE.keys()


def test_only_administrators_reach_other_projects(service: Service) -> None:
    rules = {rule for route in TABLE.routes for rule in (route.rule, *route.also) if rule is not None}
    cluster = service.rows(service.finished())
    names = sorted(rule.all_projects for rule in rules if rule.all_projects is not None)

    assert {name: _allowed(service, name, cluster) for name in names} == {name: {"admin"} for name in names}
