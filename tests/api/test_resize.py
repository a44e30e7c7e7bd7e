# SPDX-License-Identifier: Apache-2.0
"""Another number of workers, by the action resize and by a patch."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from magnum_lite.model.states import Status
from magnum_lite.store import operations
from tests.api.service import Service, error_of


def resize(service: Service, cluster: str, body: Any, *, version: str = "latest", user: str = "demo") -> TestResponse:
    return service.call("POST", f"/v1/clusters/{cluster}/actions/resize", body, version=version, user=user)


def patch(service: Service, cluster: str, *operations: Any, version: str = "latest", query: str = "") -> TestResponse:
    return service.call("PATCH", f"/v1/clusters/{cluster}{query}", list(operations), version=version)


def node_count(value: Any, op: str = "replace") -> dict[str, Any]:
    return {"op": op, "path": "/node_count", "value": value}


def test_an_accepted_resize_is_in_the_rows_and_the_conductor_is_told(service: Service) -> None:
    cluster = service.finished(node_count=3)
    answer = resize(service, cluster, {"node_count": 2, "nodes_to_remove": ["1"]})

    row = service.rows(cluster)
    with service.store.read() as session:
        operation = operations.list_(session, cluster)[0]
    assert (answer.status_code, answer.json) == (202, {"uuid": cluster})
    assert (row.status, [group.status for group in row.nodegroups]) == (
        "UPDATE_IN_PROGRESS",
        ["CREATE_COMPLETE", "UPDATE_IN_PROGRESS"],
    )
    assert [node.index for node in row.workers] == [0, 2]
    assert (operation.verb, operation.state, operation.wanted["node_count"]) == ("resize", "pending", 2)
    assert operation.request_id == answer.headers["x-openstack-request-id"]
    assert service.conductor.nudged == [cluster]


def test_an_equal_number_with_a_named_node_replaces_it(service: Service) -> None:
    cluster = service.finished(node_count=2)
    server = str(service.rows(cluster).workers[0].server_id)
    answer = resize(service, cluster, {"node_count": 2, "nodes_to_remove": [server.upper().replace("-", "")]})

    assert answer.status_code == 202
    assert [node.index for node in service.rows(cluster).workers] == [1, 2]


def test_a_group_is_named_by_its_name_or_its_uuid(service: Service) -> None:
    cluster = service.finished(node_count=1)
    uuid = service.rows(cluster).default_workers.uuid

    assert resize(service, cluster, {"node_count": 2, "nodegroup": "default-worker"}).status_code == 202
    assert resize(service, cluster, {"node_count": 3, "nodegroup": uuid}).status_code == 202
    assert service.rows(cluster).default_workers.node_count == 3


@pytest.mark.parametrize(
    ("status", "code"),
    [(status, 202 if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED") else 409) for status in Status],
)
def test_a_patch_needs_a_cluster_at_rest(service: Service, status: Status, code: int) -> None:
    cluster = service.finished(node_count=1)
    service.finish(cluster, status)
    answer = patch(service, cluster, node_count(2))

    assert answer.status_code == code
    if code == 409:
        assert [part for part in (str(status), "UPDATE_COMPLETE") if part not in error_of(answer)["title"]] == []
        assert service.rows(cluster).default_workers.node_count == 1


@pytest.mark.parametrize(("status", "code"), [("UPDATE_IN_PROGRESS", 202), ("CREATE_IN_PROGRESS", 409)])
def test_a_resize_is_taken_during_a_change_but_not_during_the_making(service: Service, status: str, code: int) -> None:
    cluster = service.finished(node_count=1)
    service.finish(cluster, Status(status))

    assert resize(service, cluster, {"node_count": 2}).status_code == code


def test_a_newer_change_takes_the_place_of_an_older_one(service: Service) -> None:
    cluster = service.finished(node_count=1)
    for count in (2, 3):
        resize(service, cluster, {"node_count": count})

    answer = service.call("GET", f"/v1/clusters/{cluster}/operations").json["operations"]
    assert [(one["verb"], one["state"]) for one in answer[:2]] == [("resize", "pending"), ("resize", "superseded")]


REFUSED: tuple[tuple[Any, int, tuple[str, ...]], ...] = (
    ({"node_count": -1}, 400, ("node_count", "-1")),
    ({"node_count": None}, 400, ("node_count", "mandatory")),
    ({}, 400, ("node_count", "mandatory")),
    ({"node_count": 9}, 400, ("node_count", "9", "0 to 8", "default-worker")),
    ({"node_count": 2, "nodegroup": "default-master"}, 400, ("default-master", "masters")),
    ({"node_count": 2, "nodegroup": "none-such"}, 404, ("none-such",)),
    ({"node_count": 0, "nodes_to_remove": ["9"]}, 400, ("nodes_to_remove", "9", "default-worker")),
    ({"node_count": 0, "nodes_to_remove": ["0"]}, 400, ("nodes_to_remove", "1 more")),
    ({"node_count": 1, "nodes_to_remove": "0"}, 400, ("nodes_to_remove",)),
    ({"node_count": 1, "nodes_to_remove": [["0"]]}, 400, ("nodes_to_remove",)),
    ({"node_count": 1, "rollback": True}, 400, ("rollback",)),
    ([], 400, ("body",)),
)


@pytest.mark.parametrize(("body", "code", "said"), REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_a_bad_resize_is_refused_and_changes_nothing(
    service: Service, body: Any, code: int, said: tuple[str, ...]
) -> None:
    cluster = service.finished(node_count=2, labels={"max_node_count": "8"})
    before = service.row_counts()
    answer = resize(service, cluster, body)

    assert answer.status_code == code
    assert [part for part in said if part not in error_of(answer)["title"]] == []
    assert (service.row_counts(), service.rows(cluster).status) == (before, "CREATE_COMPLETE")
    assert service.conductor.nudged == []


def test_no_workers_at_all_are_for_newer_clients(service: Service) -> None:
    cluster = service.finished(node_count=1)

    assert resize(service, cluster, {"node_count": 0}, version="1.9").status_code == 400
    assert patch(service, cluster, node_count(0), version="1.9").status_code == 400
    assert resize(service, cluster, {"node_count": 0}, version="1.10").status_code == 202


def test_a_driver_that_cannot_is_said_so_at_once(service: Service) -> None:
    cluster = service.finished(node_count=1)
    service.drivers.driver.features = frozenset()
    requests = (
        ("POST", "/actions/resize", {"node_count": 2}),
        ("POST", "/actions/upgrade", {"cluster_template": "fcos"}),
        ("POST", "/nodegroups", {"name": "more"}),
        ("PATCH", "", [node_count(2)]),
    )
    answers = [service.call(verb, f"/v1/clusters/{cluster}{way}", body, version="1.14") for verb, way, body in requests]
    answers += [
        service.call("PATCH", f"/v1/{one}/{cluster}", version="1.14") for one in ("certificates", "credentials")
    ]

    assert [(one.status_code, error_of(one)["code"]) for one in answers] == [(400, "not-supported")] * 6
    assert "cannot be upgraded: its driver k8s_fcos" in error_of(answers[1])["title"]
    assert service.rows(cluster).status == "CREATE_COMPLETE"


def test_numbers_come_as_text_too(service: Service) -> None:
    cluster = service.finished(node_count=1)

    assert patch(service, cluster, node_count("3")).status_code == 202
    assert service.rows(cluster).default_workers.node_count == 3
    assert resize(service, cluster, {"node_count": "4"}).status_code == 202


def test_a_number_that_is_removed_is_one_again(service: Service) -> None:
    cluster = service.finished(node_count=3)

    assert patch(service, cluster, {"op": "remove", "path": "/node_count"}).status_code == 202
    assert service.rows(cluster).default_workers.node_count == 1


@pytest.mark.parametrize("operations", [[], [node_count(2)], [{"op": "replace", "path": "/name", "value": "k8s"}]])
def test_a_patch_that_changes_nothing_is_accepted_and_begins_nothing(service: Service, operations: list[Any]) -> None:
    cluster = service.finished(node_count=2)

    assert patch(service, cluster, *operations).status_code == 202
    assert (service.rows(cluster).status, service.conductor.nudged) == ("CREATE_COMPLETE", [])


PATCHES: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (node_count("many"), ("node_count", "many")),
    (node_count(-1), ("node_count", "-1")),
    (node_count({"a": 1}), ("node_count",)),
    ({"op": "replace", "path": "/name", "value": "new"}, ("name", "node_count, health_status")),
    ({"op": "replace", "path": "/master_count", "value": 3}, ("master_count",)),
    ({"op": "add", "path": "/labels/a", "value": "b"}, ("labels",)),
    ({"op": "remove", "path": "/cluster_template_id"}, ("cluster_template_id",)),
    ({"op": "replace", "path": "/api_address", "value": "x"}, ("/api_address",)),
    ({"op": "replace", "path": "/stack_id", "value": "x"}, ("/stack_id",)),
    ({"op": "replace", "path": "/uuid", "value": "x"}, ("/uuid",)),
    ({"op": "test", "path": "/node_count", "value": 1}, ("op", "test")),
    ({"op": "replace", "path": "/health_status", "value": "FINE"}, ("health_status", "FINE", "UNHEALTHY")),
    ({"op": "replace", "path": "/health_status_reason", "value": "{'a'"}, ("health_status_reason",)),
    ({"op": "replace", "path": "/health_status_reason", "value": 7}, ("health_status_reason", "7")),
)


@pytest.mark.parametrize(("operation", "said"), PATCHES, ids=[str(row[0])[:70] for row in PATCHES])
def test_a_bad_patch_is_refused_and_changes_nothing(service: Service, operation: Any, said: tuple[str, ...]) -> None:
    cluster = service.finished(node_count=1)
    before = service.call("GET", f"/v1/clusters/{cluster}").json
    answer = patch(service, cluster, operation)

    assert answer.status_code == 400
    assert [part for part in said if part not in error_of(answer)["title"]] == []
    assert service.call("GET", f"/v1/clusters/{cluster}").json == before


@pytest.mark.parametrize(
    ("version", "query", "code"),
    [
        ("1.2", "?rollback=false", 400),
        ("1.3", "?rollback=false", 202),
        ("1.3", "/?rollback=False", 202),
        ("1.3", "?rollback=true", 400),
        ("1.3", "?rollback=perhaps", 400),
    ],
)
def test_rollback_is_known_from_1_3_on_and_not_done(service: Service, version: str, query: str, code: int) -> None:
    cluster = service.finished(node_count=1)

    assert patch(service, cluster, node_count(2), version=version, query=query).status_code == code


HEALER = (
    {"op": "replace", "path": "/health_status", "value": "UNHEALTHY"},
    {"op": "replace", "path": "/health_status_reason", "value": "{'api': 'ok', 'k8s-worker-0.Ready': 'False'}"},
)


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED"])
def test_a_healers_report_is_kept_in_any_status_and_changes_none(service: Service, status: str) -> None:
    cluster = service.finished(node_count=1)
    service.finish(cluster, Status(status))
    answer = service.call("PATCH", f"/v1/clusters/{cluster}", list(HEALER), user="cluster")

    found = service.call("GET", f"/v1/clusters/{cluster}").json
    assert (answer.status_code, found["status"], found["health_status"]) == (202, status, "UNHEALTHY")
    assert found["health_status_reason"] == {"api": "ok", "k8s-worker-0.Ready": "False"}


def test_a_healers_report_costs_no_message_no_cloud_call_and_few_statements(service: Service) -> None:
    cluster = service.finished(node_count=5)
    service.call("PATCH", f"/v1/clusters/{cluster}", list(HEALER))
    service.clouds.looks.clear()
    with service.statements() as seen:
        service.call("PATCH", f"/v1/clusters/{cluster}", list(HEALER))

    assert (service.conductor.nudged, service.conductor.calls, service.clouds.looks) == ([], [], [])
    assert len(seen) <= 4


def test_only_another_verdict_is_an_event(service: Service) -> None:
    cluster = service.finished(node_count=1)
    for _ in range(3):
        service.call("PATCH", f"/v1/clusters/{cluster}", list(HEALER))

    events = service.call("GET", f"/v1/clusters/{cluster}/events").json["events"]
    assert [one["reason"] for one in events].count("health-changed") == 1


def test_more_nodes_than_the_driver_can_build_are_refused(service: Service) -> None:
    cluster = service.finished()
    answer = service.call("POST", f"/v1/clusters/{cluster}/actions/resize", {"node_count": 501}, version="latest")

    assert (answer.status_code, error_of(answer)["detail"]) == (
        400,
        "Invalid value 501 for node_count: it takes at most 500",
    )
    assert service.rows(cluster).status == "CREATE_COMPLETE"
