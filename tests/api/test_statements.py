# SPDX-License-Identifier: Apache-2.0
"""What requests cost: SQL statements and looks into the cloud."""

from __future__ import annotations

import datetime

from magnum_lite.model.defaults import ClusterRequest, Requester, new_cluster
from magnum_lite.store import templates
from tests.api.service import Service


def _fill(service: Service, count: int) -> None:
    """Write clusters of 1 master and 2 workers straight into the database."""
    uuid = service.template()
    now = datetime.datetime.now(datetime.UTC)
    with service.store.write() as session:
        template = templates.get(session, None, uuid)
        for number in range(count):
            request = ClusterRequest(name=f"k8s-{number}", node_count=2, create_timeout=60)
            session.add(new_cluster(template, request, Requester("demo-project", "demo-id"), now=now))


def test_one_cluster_costs_two_statements(service: Service) -> None:
    uuid = service.cluster(node_count=5)
    with service.statements() as seen:
        service.call("GET", f"/v1/clusters/{uuid}")

    assert len(seen) <= 2


def test_a_list_costs_three_statements_whatever_its_length(service: Service) -> None:
    _fill(service, 1000)
    with service.statements() as seen:
        answer = service.call("GET", "/v1/clusters")

    assert len(answer.json["clusters"]) == 1000
    assert len(seen) <= 3


def test_a_detailed_list_costs_no_more(service: Service) -> None:
    _fill(service, 50)
    with service.statements() as seen:
        answer = service.call("GET", "/v1/clusters/detail?limit=40")

    assert len(answer.json["clusters"]) == 40
    assert len(seen) <= 3


def test_a_filtered_list_costs_no_more(service: Service) -> None:
    _fill(service, 20)
    first = service.call("GET", "/v1/clusters/detail?status=CREATE_IN_PROGRESS&limit=10").json
    with service.statements() as seen:
        answer = service.call("GET", first["next"])

    assert (len(answer.json["clusters"]), "next" in answer.json) == (10, False)
    assert len(seen) <= 3


def test_statistics_cost_two_statements(service: Service) -> None:
    _fill(service, 20)
    for path, user in (("/v1/stats", "admin"), ("/v1/stats?project_id=demo-project", "demo")):
        with service.statements() as seen:
            answer = service.call("GET", path, user=user)

        assert answer.json == {"clusters": 20, "nodes": 60}
        assert len(seen) <= 2


def test_a_create_looks_up_each_thing_once_and_only_what_is_named(service: Service) -> None:
    template = service.template(master_flavor_id="m1.small")
    service.clouds.looks.clear()
    service.cluster(template)

    expected = [("flavor", "m1.small"), ("image", "fedora-coreos"), ("keypair", "my_keypair"), ("network", "public")]
    assert sorted(service.clouds.looks) == expected


def test_a_create_costs_the_same_however_many_clusters_there_are(service: Service) -> None:
    service.conf.set_override("max_clusters_per_project", 100, group="quotas")
    template = service.template(name="other")
    service.cluster(template)
    costs = []
    for others in (0, 50):
        _fill(service, others)
        with service.statements() as seen:
            service.cluster(template)
        costs.append(len(seen))

    assert costs[0] == costs[1] <= 13
