# SPDX-License-Identifier: Apache-2.0
"""What a driver remarks of a new cluster is told twice: with the answer, and among what happened to the cluster."""

from tests.api.service import Service

SENTENCE = "the cluster has no keystone_auth: release v1.35.4 does not pin k8s-keystone-auth"


def test_a_remark_is_a_warning_of_the_answer_and_an_event_of_the_cluster(service: Service) -> None:
    service.drivers.driver.said = (SENTENCE,)
    wish = {"name": "k8s", "cluster_template_id": service.template()}

    answer = service.call("POST", "/v1/clusters", wish)
    events = service.call("GET", f"/v1/clusters/{answer.json['uuid']}/events").json["events"]

    assert SENTENCE in answer.headers["Warning"]
    assert [one["message"] for one in events if one["reason"] == "create-remark"] == [SENTENCE]


def test_a_driver_with_nothing_to_say_leaves_no_event(service: Service) -> None:
    events = service.call("GET", f"/v1/clusters/{service.cluster()}/events").json["events"]

    assert [one["reason"] for one in events] == ["create-requested"]
