# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's control: switched-on faults, and counts of calls."""

import time

import pytest
import requests

FAULTS = "/pocket/faults"


def switch_on(anybody, **fault):
    return anybody.make(FAULTS, fault)


@pytest.mark.parametrize(
    ("service", "path"),
    [("nova", "/compute/v2.1/servers"), ("neutron", "/network/v2.0/ports"), ("glance", "/image/v2/images")],
)
def test_an_error_hits_the_named_service_as_often_as_wanted(anybody, demo, service, path) -> None:
    switch_on(anybody, service=service, kind="error", status=503, message="out of order", count=1)

    first, second = demo.call("GET", path), demo.call("GET", path)

    assert (first.status_code, second.status_code) == (503, 200)
    assert "out of order" in first.text
    assert demo.call("GET", "/identity/v3/auth/projects").status_code == 200


def test_a_fault_can_be_for_one_operation_and_one_name(anybody, demo) -> None:
    switch_on(anybody, service="neutron", operation="create_network", kind="error", match={"name": "bad-*"})

    names = ["good", "bad-1"]
    found = [demo.call("POST", "/network/v2.0/networks", {"network": {"name": name}}).status_code for name in names]

    assert found == [201, 500]


def test_a_call_inside_the_cloud_is_hit_too(anybody, demo) -> None:
    subnet = demo.get("/network/v2.0/subnets?name=private-subnet")["subnets"][0]["id"]
    switch_on(anybody, service="neutron", operation="get_subnet", kind="error")

    body = {"loadbalancer": {"vip_subnet_id": subnet}}

    assert demo.call("POST", "/load-balancer/v2/lbaas/loadbalancers", body).status_code == 500


def test_slowness_delays_and_then_answers(anybody, demo) -> None:
    switch_on(anybody, service="glance", kind="slow", seconds=0.3)

    begun = time.monotonic()
    demo.get("/image/v2/images")

    assert time.monotonic() - begun >= 0.3


def test_a_timeout_ends_in_a_504(anybody, demo) -> None:
    switch_on(anybody, service="nova", kind="timeout", seconds=0.1)

    assert demo.call("GET", "/compute/v2.1/servers").status_code == 504


@pytest.mark.parametrize(
    ("service", "path", "status"), [("nova", "/compute/v2.1/servers", 403), ("neutron", "/network/v2.0/ports", 409)]
)
def test_a_quota_fault_is_the_services_own_refusal(anybody, demo, service, path, status) -> None:
    switch_on(anybody, service=service, kind="quota")

    assert demo.call("GET", path).status_code == status


def test_a_server_ends_in_error_with_the_message(anybody, demo, wait) -> None:
    switch_on(anybody, service="nova", kind="server-error", message="No valid host", match={"name": "broken*"})
    flavor = demo.get("/compute/v2.1/flavors")["flavors"][0]["id"]
    image = demo.get("/image/v2/images")["images"][0]["id"]
    body = {"name": "broken-1", "flavorRef": flavor, "imageRef": image, "networks": "auto"}

    path = f"/compute/v2.1/servers/{demo.make('/compute/v2.1/servers', {'server': body})['id']}"
    wait(lambda: demo.get(path)["server"]["status"] != "BUILD")
    server = demo.get(path)["server"]

    assert (server["status"], server["fault"]["message"], server["fault"]["code"]) == ("ERROR", "No valid host", 500)


def test_faults_are_listed_and_switched_off(anybody, demo) -> None:
    fault = switch_on(anybody, service="nova", kind="error")
    demo.call("GET", "/compute/v2.1/servers")

    assert [(fault["id"], 1)] == [(one["id"], one["hits"]) for one in anybody.get(FAULTS)["faults"]]
    assert anybody.call("DELETE", f"{FAULTS}/{fault['id']}").status_code == 204
    assert anybody.call("DELETE", f"{FAULTS}/{fault['id']}").status_code == 404
    assert demo.call("GET", "/compute/v2.1/servers").status_code == 200
    switch_on(anybody, service="*", kind="error")
    anybody.call("DELETE", FAULTS)
    assert anybody.get(FAULTS)["faults"] == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"service": "swift", "kind": "error"}, "service: 'swift' is not one of"),
        ({"service": "nova", "kind": "fire"}, "kind: 'fire' is not one of"),
        ({"service": "nova", "kind": "error", "status": 200}, "status: 200 is not a number from 400 to 599"),
        ({"service": "nova", "kind": "error", "status": None}, "status: None"),
        ({"service": "nova", "kind": "slow", "seconds": -1}, "seconds: -1"),
        ({"service": "nova", "kind": "error", "count": 0}, "count: 0"),
        ({"service": "nova", "kind": "error", "match": {"name": 5}}, "match"),
        ({"service": "nova", "kind": "error", "operation": 5}, "operation: 5"),
        ({"service": "nova", "kind": "error", "colour": 5}, "colour: a fault has no such field"),
        (["x"], "a fault is a JSON object"),
    ],
)
def test_a_bad_fault_is_a_400_that_says_what_is_allowed(anybody, fault, words) -> None:
    answer = anybody.call("POST", FAULTS, fault)

    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_calls_are_counted_by_route(anybody, demo) -> None:
    anybody.call("DELETE", "/pocket/calls")
    demo.call("GET", "/compute/v2.1/servers/none")
    demo.call("GET", "/compute/v2.1/servers/nobody")

    assert anybody.get("/pocket/calls")["calls"]["nova GET /servers/<ident>"] == 2


def test_an_unknown_route_is_a_json_404(anybody, demo) -> None:
    assert anybody.call("GET", "/nowhere").json()["error"]["code"] == 404
    assert demo.call("GET", "/compute/v2.1/nowhere").json()["itemNotFound"]["code"] == 404
    assert demo.call("PATCH", "/compute/v2.1/servers").status_code == 405


def test_a_body_that_is_no_json_is_a_400(demo) -> None:
    headers = {"X-Auth-Token": demo.token}
    answer = requests.post(f"{demo.url}/network/v2.0/networks", data="{", headers=headers, timeout=10)

    assert answer.status_code == 400
    assert demo.call("POST", "/network/v2.0/networks", ["x"]).status_code == 400
