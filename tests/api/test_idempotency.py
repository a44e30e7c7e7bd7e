# SPDX-License-Identifier: Apache-2.0
"""A request for a cluster that is sent twice."""

from __future__ import annotations

import concurrent.futures
import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from magnum_lite.model import IdempotencyKey
from tests.api.service import Service, error_of

KEY = "9f1c6a3e-terraform"


def create(service: Service, body: Any, *, key: str = KEY, user: str = "demo") -> TestResponse:
    return service.call("POST", "/v1/clusters", body, user=user, headers={"Idempotency-Key": key})


def test_the_same_request_is_answered_alike_and_makes_one_cluster(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template(), "node_count": 2}
    first = create(service, wish)
    again = create(service, dict(reversed(wish.items())))

    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.json, first.headers["Location"]) == (again.json, again.headers["Location"])
    assert service.row_counts()["cluster"] == 1


def test_the_second_one_looks_nothing_up_and_needs_no_room(service: Service) -> None:
    service.conf.set_override("max_clusters_per_project", 1, group="quotas")
    template = service.template()
    wish = {"name": "k8s", "cluster_template_id": template}
    first = create(service, wish)
    service.clouds.looks.clear()
    again = create(service, wish)

    assert (first.json, service.clouds.looks) == (again.json, [])


def test_the_answer_is_the_same_when_the_cluster_is_on_its_way_out(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    first = create(service, wish)
    service.call("DELETE", f"/v1/clusters/{first.json['uuid']}")

    assert create(service, wish).json == first.json


def test_a_key_stands_for_one_request(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    create(service, wish)
    answer = create(service, {**wish, "name": "other"})

    assert (answer.status_code, error_of(answer)["code"]) == (422, "idempotency-key-reused")
    assert service.row_counts()["cluster"] == 1


def test_keys_of_other_users_and_in_capitals_are_other_keys(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    answers = [
        create(service, wish),
        create(service, wish, key=KEY.upper()),
        create(service, wish, user="colleague"),
        create(service, {**wish, "cluster_template_id": service.template("other")}, user="other"),
    ]

    assert [one.status_code for one in answers] == [202] * 4
    assert len({one.json["uuid"] for one in answers}) == 4


def test_a_refused_request_keeps_no_key(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template(), "flavor_id": "m9.none"}
    refused = create(service, wish)
    answer = create(service, {**wish, "flavor_id": "m1.small"})

    assert (refused.status_code, answer.status_code) == (400, 202)


def test_a_key_is_forgotten_after_a_day(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    first = create(service, wish)
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=25)
    with service.store.write() as session:
        session.execute(sa.update(IdempotencyKey).values(created_at=before))
    again = create(service, wish)

    assert again.json != first.json
    assert service.row_counts()["idempotency_key"] == 1


def test_of_many_at_once_one_makes_the_cluster(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: create(service, wish), range(16)))

    assert {one.status_code for one in answers} == {202}
    assert len({one.json["uuid"] for one in answers}) == service.row_counts()["cluster"] == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "sn\xf6w"])
def test_a_key_that_is_none_is_refused(service: Service, key: str) -> None:
    answer = create(service, {"name": "k8s", "cluster_template_id": service.template()}, key=key)

    assert (answer.status_code, "Idempotency-Key" in error_of(answer)["title"]) == (400, True)
    assert service.row_counts()["cluster"] == 0
