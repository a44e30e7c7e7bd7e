# SPDX-License-Identifier: Apache-2.0
"""Nodegroups that are added, changed and removed."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from magnum_lite.drivers.base import Feature
from magnum_lite.model import Cluster
from magnum_lite.model.states import Status
from magnum_lite.store import operations
from tests.api.service import Service, error_of


def call(service: Service, method: str, cluster: str, way: str = "", body: Any = None, **more: Any) -> TestResponse:
    return service.call(method, f"/v1/clusters/{cluster}/nodegroups{way}", body, **{"version": "latest", **more})


def test_an_accepted_nodegroup_is_in_the_rows_and_the_conductor_is_told(service: Service) -> None:
    cluster = service.finished(node_count=1)
    wish = {"name": "more", "node_count": "2", "max_node_count": 5, "flavor_id": "m1.medium", "role": "gpu"}
    answer = call(service, "POST", cluster, "", wish)

    row = service.rows(cluster)
    group = row.nodegroup("more")
    with service.store.read() as session:
        operation = operations.list_(session, cluster)[0]
    assert (answer.status_code, answer.json["uuid"], answer.json["status"]) == (202, group.uuid, "CREATE_IN_PROGRESS")
    assert (answer.json["node_count"], answer.json["min_node_count"], answer.json["max_node_count"]) == (2, 0, 5)
    assert answer.headers["Location"].endswith(f"/v1/clusters/{cluster}/nodegroups/{group.uuid}")
    assert (row.status, group.flavor_id, len(group.nodes)) == ("UPDATE_IN_PROGRESS", "3", 2)
    assert (operation.verb, operation.wanted["name"]) == ("create-nodegroup", "more")
    assert service.conductor.nudged == [cluster]


def test_what_is_not_said_is_as_in_the_cluster(service: Service) -> None:
    cluster = service.finished(node_count=1, labels={"kube_tag": "v1.35.4"}, docker_volume_size=7)
    made = call(service, "POST", cluster, "", {"name": "more"}).json
    workers = call(service, "GET", cluster, "/default-worker").json

    same = ("flavor_id", "image_id", "docker_volume_size", "labels", "role")
    assert {name: made[name] for name in same} == {name: workers[name] for name in same}
    assert (made["labels_added"], made["labels_overridden"], made["labels_skipped"]) == ({}, {}, {})
    assert (made["node_labels"], made["node_taints"], made["is_default"]) == ({}, [], False)


def test_labels_are_merged_only_where_asked(service: Service) -> None:
    cluster = service.finished(labels={"kube_tag": "v1.35.4", "a": "1"})
    wishes = {"own": {"labels": {"a": 2}}, "both": {"labels": {"a": 2, "b": True}, "merge_labels": "True"}}
    made = {name: call(service, "POST", cluster, "", {"name": name, **wish}).json for name, wish in wishes.items()}

    assert made["own"]["labels"] == {"a": "2"}
    assert made["own"]["labels_skipped"] == {"kube_tag": "v1.35.4"}
    assert made["both"]["labels"] == {"kube_tag": "v1.35.4", "a": "2", "b": "True"}
    assert (made["both"]["labels_overridden"], made["both"]["labels_added"]) == ({"a": "1"}, {"b": "True"})


def test_several_nodegroups_may_be_asked_for_at_once(service: Service) -> None:
    cluster = service.finished()
    codes = [call(service, "POST", cluster, "", {"name": name}).status_code for name in ("one", "two", "three")]

    assert codes == [202] * 3


def test_names_of_nodes_differ_where_names_of_groups_begin_alike(service: Service) -> None:
    cluster = service.finished()
    for name in ("workers-of-the-first-kind", "workers-of-the-first-sort"):
        call(service, "POST", cluster, "", {"name": name})

    names = [node.name for node in service.rows(cluster).nodes]
    assert len(names) == len(set(names)) == 4
    assert max(len(f"system:node:{name}") for name in names) <= 64


REFUSED: tuple[tuple[dict[str, Any], int, tuple[str, ...]], ...] = (
    ({"name": None}, 400, ("name", "mandatory")),
    ({"name": ""}, 400, ("name",)),
    ({"name": "default-worker"}, 409, ("default-worker", "already")),
    ({"role": "master"}, 400, ("role", "master")),
    ({"role": "a b"}, 400, ("role",)),
    ({"node_count": "many"}, 400, ("node_count", "many")),
    ({"node_count": 3, "max_node_count": 2}, 409, ("node_count 3", "max_node_count 2")),
    ({"node_count": 1, "min_node_count": 2}, 409, ("node_count 1", "min_node_count 2")),
    ({"min_node_count": 4, "max_node_count": 2}, 409, ("min_node_count 4", "max_node_count 2")),
    ({"flavor_id": "m9.none"}, 400, ("flavor_id", "m9.none")),
    ({"image_id": "none-such"}, 400, ("image_id", "none-such")),
    ({"labels": {"kube_tag": "latest"}}, 400, ("kube_tag", "latest")),
    ({"labels": {"boot_volume_type": "slow"}}, 400, ("label boot_volume_type", "slow")),
    ({"node_labels": {"kubernetes.io/x": "1"}}, 409, ("kubernetes.io/x",)),
    ({"node_labels": ["a"]}, 400, ("node_labels",)),
    ({"node_taints": [{"key": "gpu", "effect": "Never"}]}, 409, ("Never", "NoExecute")),
    ({"node_taints": {"key": "gpu"}}, 400, ("node_taints",)),
    ({"node_taints": ["gpu"]}, 400, ("node_taints",)),
    ({"uuid": "x"}, 400, ("uuid",)),
    ({"is_default": True}, 400, ("is_default",)),
)


@pytest.mark.parametrize(("fields", "code", "said"), REFUSED, ids=[str(row[0])[:60] for row in REFUSED])
def test_a_bad_nodegroup_is_refused_and_nothing_is_written(
    service: Service, fields: dict[str, Any], code: int, said: tuple[str, ...]
) -> None:
    cluster = service.finished()
    before = service.row_counts()
    answer = call(service, "POST", cluster, "", {"name": "more", **fields})

    assert answer.status_code == code
    assert [part for part in said if part not in error_of(answer)["title"]] == []
    assert (service.row_counts(), service.rows(cluster).status) == (before, "CREATE_COMPLETE")


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_cluster_that_is_not_there_yet_or_is_going_takes_none(service: Service, status: str) -> None:
    cluster = service.finished()
    service.finish(cluster, Status(status))
    answers = [
        call(service, "POST", cluster, "", {"name": "more"}),
        call(service, "PATCH", cluster, "/default-worker", [{"op": "add", "path": "/max_node_count", "value": 3}]),
    ]

    assert [(one.status_code, status in error_of(one)["title"]) for one in answers] == [(409, True)] * 2


def test_a_cluster_without_an_address_takes_none(service: Service) -> None:
    cluster = service.finished()
    with service.store.write() as session:
        session.execute(sa.update(Cluster).values(api_address=None))

    assert call(service, "POST", cluster, "", {"name": "more"}).status_code == 409


def test_a_driver_that_gives_no_labels_is_said_so(service: Service) -> None:
    cluster = service.finished()
    service.drivers.driver.features = frozenset({Feature.NODEGROUPS})
    plain = call(service, "POST", cluster, "", {"name": "plain"})
    marked = call(service, "POST", cluster, "", {"name": "marked", "node_labels": {"disk": "ssd"}})

    assert (plain.status_code, marked.status_code, error_of(marked)["code"]) == (202, 400, "not-supported")


def test_a_driver_that_labels_new_nodes_alone_is_said_so(service: Service) -> None:
    cluster = service.finished()
    service.drivers.driver.features = frozenset({Feature.NODEGROUPS, Feature.NODE_LABELS})
    marked = call(service, "POST", cluster, "", {"name": "marked", "node_labels": {"disk": "ssd"}})
    service.finish(cluster)
    patch = [{"op": "replace", "path": "/node_labels", "value": {"disk": "hdd"}}]
    changed = call(service, "PATCH", cluster, "/marked", patch)

    assert (marked.status_code, changed.status_code, error_of(changed)["code"]) == (202, 400, "not-supported")


def test_a_flavor_without_a_disk_is_judged_by_the_driver(service: Service) -> None:
    cluster = service.finished()
    answer = call(service, "POST", cluster, "", {"name": "more", "flavor_id": "diskless"})

    assert (answer.status_code, "root disk" in error_of(answer)["title"]) == (400, True)


def test_bounds_labels_and_taints_can_be_changed(service: Service) -> None:
    cluster = service.finished(node_count=2)
    patch = [
        {"op": "replace", "path": "/min_node_count", "value": "1"},
        {"op": "add", "path": "/max_node_count", "value": 4},
        {"op": "replace", "path": "/node_labels", "value": "{'disk': 'ssd'}"},
        {"op": "replace", "path": "/node_taints", "value": "[{'key': 'gpu', 'effect': 'NoSchedule'}]"},
    ]
    answer = call(service, "PATCH", cluster, "/default-worker", patch)

    row = service.rows(cluster)
    names = ("min_node_count", "max_node_count", "node_labels", "node_taints", "status")
    assert answer.status_code == 202
    assert [answer.json[name] for name in names] == [
        1,
        4,
        {"disk": "ssd"},
        [{"key": "gpu", "effect": "NoSchedule"}],
        "UPDATE_IN_PROGRESS",
    ]
    assert (row.status, row.default_workers.node_labels) == ("UPDATE_IN_PROGRESS", {"disk": "ssd"})
    assert service.conductor.nudged == [cluster]


def test_bounds_that_are_removed_are_none(service: Service) -> None:
    cluster = service.finished(labels={"min_node_count": "1", "max_node_count": "5"})
    patch = [{"op": "remove", "path": "/max_node_count"}, {"op": "remove", "path": "/min_node_count"}]
    answer = call(service, "PATCH", cluster, "/default-worker", patch)

    assert (answer.json["min_node_count"], answer.json["max_node_count"]) == (0, None)


@pytest.mark.parametrize("patch", [[], [{"op": "replace", "path": "/min_node_count", "value": 0}]], ids=str)
def test_a_patch_that_changes_nothing_begins_nothing(service: Service, patch: list[Any]) -> None:
    cluster = service.finished()

    assert call(service, "PATCH", cluster, "/default-worker", patch).status_code == 202
    assert (service.rows(cluster).status, service.conductor.nudged) == ("CREATE_COMPLETE", [])


PATCHES: tuple[tuple[dict[str, Any], int, tuple[str, ...]], ...] = (
    ({"op": "replace", "path": "/node_count", "value": 3}, 400, ("/node_count", "/max_node_count")),
    ({"op": "replace", "path": "/name", "value": "x"}, 400, ("/name",)),
    ({"op": "replace", "path": "/max_node_count", "value": "x"}, 400, ("max_node_count", "x")),
    ({"op": "replace", "path": "/max_node_count", "value": 1}, 409, ("node_count 2", "max_node_count 1")),
    ({"op": "replace", "path": "/min_node_count", "value": 3}, 409, ("node_count 2", "min_node_count 3")),
    ({"op": "replace", "path": "/node_labels", "value": "{'a'"}, 400, ("node_labels",)),
    ({"op": "replace", "path": "/node_labels", "value": {"k8s.io/a": "b"}}, 409, ("k8s.io/a",)),
    ({"op": "add", "path": "/node_taints/-", "value": {"key": "a"}}, 409, ("Effect None",)),
)


@pytest.mark.parametrize(("operation", "code", "said"), PATCHES, ids=[str(row[0])[:60] for row in PATCHES])
def test_a_bad_patch_is_refused_and_changes_nothing(
    service: Service, operation: dict[str, Any], code: int, said: tuple[str, ...]
) -> None:
    cluster = service.finished(node_count=2)
    before = call(service, "GET", cluster, "/default-worker").json
    answer = call(service, "PATCH", cluster, "/default-worker", [operation])

    assert answer.status_code == code
    assert [part for part in said if part not in error_of(answer)["title"]] == []
    assert call(service, "GET", cluster, "/default-worker").json == before


def test_masters_take_no_labels(service: Service) -> None:
    cluster = service.finished()
    patch = [{"op": "replace", "path": "/node_labels", "value": {"disk": "ssd"}}]

    assert call(service, "PATCH", cluster, "/default-master", patch).status_code == 409


def test_a_nodegroup_on_its_way_out_is_still_seen_and_removed_once(service: Service) -> None:
    cluster = service.finished(node_count=1)
    call(service, "POST", cluster, "", {"name": "more", "node_count": 2})
    service.finish(cluster)
    codes = [call(service, "DELETE", cluster, "/more").status_code for _ in range(2)]

    found = call(service, "GET", cluster, "/more").json
    asked = service.call("GET", f"/v1/clusters/{cluster}/operations").json["operations"]
    assert codes == [204, 204]
    assert (found["status"], found["node_count"], service.rows(cluster).status) == (
        "DELETE_IN_PROGRESS",
        0,
        "UPDATE_IN_PROGRESS",
    )
    assert [one["verb"] for one in asked].count("delete-nodegroup") == 1


@pytest.mark.parametrize("name", ["default-worker", "default-master"])
def test_the_first_two_nodegroups_stay(service: Service, name: str) -> None:
    cluster = service.finished()
    answer = call(service, "DELETE", cluster, f"/{name}")

    assert (answer.status_code, name in error_of(answer)["title"]) == (400, True)


def test_a_cluster_counts_the_workers_of_all_groups_and_a_patch_the_default_ones(service: Service) -> None:
    cluster = service.finished(node_count=2)
    call(service, "POST", cluster, "", {"name": "more", "node_count": 3})
    service.finish(cluster)
    shown = service.call("GET", f"/v1/clusters/{cluster}").json
    patches = [[{"op": "replace", "path": "/node_count", "value": count}] for count in (5, 4)]
    answers = [service.call("PATCH", f"/v1/clusters/{cluster}", patch) for patch in patches]

    counts = {group.name: group.node_count for group in service.rows(cluster).nodegroups}
    assert (shown["node_count"], shown["master_count"], len(shown["node_addresses"])) == (5, 1, 5)
    assert counts == {"default-master": 1, "default-worker": 4, "more": 3}
    assert ["Warning" in answer.headers for answer in answers] == [True, False]


def test_the_list_tells_the_truth_about_bounds_and_knows_roles_and_pages(service: Service) -> None:
    cluster = service.finished(labels={"min_node_count": "1", "max_node_count": "6"})
    every = call(service, "GET", cluster, "").json["nodegroups"]
    masters = call(service, "GET", cluster, "/?role=master").json["nodegroups"]
    first = call(service, "GET", cluster, "?limit=1").json
    second = call(service, "GET", cluster, f"?limit=1&marker={first['nodegroups'][0]['uuid']}").json

    assert [(one["name"], one["min_node_count"], one["max_node_count"]) for one in every] == [
        ("default-master", 1, None),
        ("default-worker", 1, 6),
    ]
    assert [one["name"] for one in masters] == ["default-master"]
    assert [one["name"] for one in second["nodegroups"]] == ["default-worker"]
    assert f"/v1/clusters/{cluster}/nodegroups?" in first["next"]


def test_nodegroups_are_there_from_1_9_on(service: Service) -> None:
    cluster = service.finished()
    codes = [call(service, "GET", cluster, "", version=one).status_code for one in ("1.8", "1.9", "1.14")]

    assert codes == [406, 200, 200]


def test_a_nodegroup_that_is_not_there_is_not_found(service: Service) -> None:
    cluster = service.finished()

    assert [call(service, verb, cluster, "/none-such").status_code for verb in ("GET", "DELETE")] == [404, 404]
    assert call(service, "PATCH", cluster, "/none-such", []).status_code == 404
