# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Octavia, over HTTP."""

import pytest

LB = "/load-balancer/v2/lbaas"


@pytest.fixture
def subnet(demo) -> str:
    return demo.get("/network/v2.0/subnets?name=private-subnet")["subnets"][0]["id"]


@pytest.fixture
def settled(demo, wait):
    """Give a function that makes something and waits until the load balancer takes changes again."""

    def settled(kind: str, body: dict, balancer: str = ""):
        path = f"{LB}/{kind}s"
        made = demo.make(path, {kind.rpartition("/")[2]: body})
        ident = balancer or made["id"]
        wait(lambda: demo.get(f"{LB}/loadbalancers/{ident}")["loadbalancer"]["provisioning_status"] == "ACTIVE")
        return made

    return settled


def built(settled, subnet: str):
    """Make a load balancer with a listener, a pool, a member and a health monitor; gives it and the pool."""
    balancer = settled("loadbalancer", {"name": "api", "vip_subnet_id": subnet})
    ident = balancer["id"]
    listener = settled("listener", {"loadbalancer_id": ident, "protocol": "TCP", "protocol_port": 6443}, ident)
    values = {"listener_id": listener["id"], "protocol": "TCP", "lb_algorithm": "ROUND_ROBIN"}
    pool = settled("pool", values, ident)
    settled(f"pools/{pool['id']}/member", {"address": "127.16.0.9", "protocol_port": 6443}, ident)
    monitor = {"pool_id": pool["id"], "type": "TCP", "delay": 5, "timeout": 5, "max_retries": 3}
    settled("healthmonitor", monitor, ident)
    return balancer, pool


def test_the_virtual_ip_is_a_real_port(demo, settled, subnet) -> None:
    balancer = settled("loadbalancer", {"name": "api", "vip_subnet_id": subnet})

    port = demo.get(f"/network/v2.0/ports/{balancer['vip_port_id']}")["port"]

    assert (port["device_owner"], port["device_id"]) == ("Octavia", f"lb-{balancer['id']}")
    assert port["fixed_ips"] == [{"subnet_id": subnet, "ip_address": balancer["vip_address"]}]


def test_the_tree_of_states_shows_everything(demo, settled, subnet) -> None:
    balancer, pool = built(settled, subnet)

    tree = demo.get(f"{LB}/loadbalancers/{balancer['id']}/status")["statuses"]["loadbalancer"]

    found = tree["listeners"][0]["pools"][0]
    assert (found["id"], found["members"][0]["address"]) == (pool["id"], "127.16.0.9")
    assert {"ACTIVE"} == {one["provisioning_status"] for one in (tree, found, found["health_monitor"])}


def test_a_load_balancer_that_changes_is_immutable(demo, subnet) -> None:
    ident = demo.make(f"{LB}/loadbalancers", {"loadbalancer": {"vip_subnet_id": subnet}})["id"]
    body = {"listener": {"loadbalancer_id": ident, "protocol": "TCP", "protocol_port": 1}}

    answer = demo.call("POST", f"{LB}/listeners", body)

    assert answer.status_code == 409
    assert answer.json()["faultstring"] == f"Load Balancer {ident} is immutable and cannot be updated."


def test_children_keep_a_load_balancer_unless_it_cascades(demo, anybody, settled, subnet, wait) -> None:
    balancer, _ = built(settled, subnet)
    path = f"{LB}/loadbalancers/{balancer['id']}"

    assert demo.call("DELETE", path).status_code == 400
    assert demo.call("DELETE", f"{path}?cascade=true").status_code == 204
    wait(lambda: demo.call("GET", path).status_code == 404)
    assert anybody.get("/pocket/leftovers")["leftovers"] == {}


def test_parts_are_removed_one_by_one(demo, anybody, settled, subnet, wait) -> None:
    balancer, pool = built(settled, subnet)
    path = f"{LB}/loadbalancers/{balancer['id']}"

    demo.call("DELETE", f"{LB}/pools/{pool['id']}")
    wait(lambda: demo.get(path)["loadbalancer"]["provisioning_status"] == "ACTIVE")

    assert demo.get(f"{LB}/healthmonitors")["healthmonitors"] == []
    listener = demo.get(f"{LB}/listeners")["listeners"][0]
    assert listener["default_pool_id"] is None
    demo.call("DELETE", f"{LB}/listeners/{listener['id']}")
    wait(lambda: demo.get(path)["loadbalancer"]["provisioning_status"] == "ACTIVE")
    demo.call("DELETE", path)
    wait(lambda: anybody.get("/pocket/leftovers")["leftovers"] == {})


def test_a_port_of_a_load_balancer_is_used_once(demo, settled, subnet) -> None:
    balancer, pool = built(settled, subnet)
    again = {"loadbalancer_id": balancer["id"], "protocol": "TCP", "protocol_port": 6443}

    listener = demo.call("POST", f"{LB}/listeners", {"listener": again})
    member = demo.call(
        "POST", f"{LB}/pools/{pool['id']}/members", {"member": {"address": "127.16.0.9", "protocol_port": 6443}}
    )

    assert (listener.status_code, member.status_code) == (409, 409)


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("loadbalancer", {}, "VIP must contain one of"),
        ("loadbalancer", {"vip_subnet_id": "x", "provider": "magic"}, "provider"),
        ("listener", {"loadbalancer_id": "x", "protocol": "SMTP", "protocol_port": 1}, "SMTP"),
        ("listener", {"loadbalancer_id": "x", "protocol": "TCP", "protocol_port": 70000}, "70000"),
        ("listener", {"protocol": "TCP", "protocol_port": 1}, "loadbalancer_id"),
        ("pool", {"protocol": "TCP", "lb_algorithm": "LUCK"}, "LUCK"),
        ("pool", {"protocol": "TCP", "lb_algorithm": "ROUND_ROBIN"}, "listener_id or loadbalancer_id"),
        ("pool", {"protocol": "TCP", "lb_algorithm": "ROUND_ROBIN", "colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_a_400_that_names_it(demo, kind, body, words) -> None:
    answer = demo.call("POST", f"{LB}/{kind}s", {kind: body})

    assert answer.status_code == 400
    assert words in answer.json()["faultstring"]


def test_a_full_quota_is_octavias_403(demo, admin, subnet) -> None:
    project = demo.get("/identity/v3/auth/projects")["projects"][0]["id"]
    admin.call("PUT", f"{LB}/quotas/{project}", {"quota": {"load_balancer": 0}})

    answer = demo.call("POST", f"{LB}/loadbalancers", {"loadbalancer": {"vip_subnet_id": subnet}})

    assert answer.status_code == 403
    assert answer.json()["faultstring"] == "Quota has been met for resources: Load Balancer"
