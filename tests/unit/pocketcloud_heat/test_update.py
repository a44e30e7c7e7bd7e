# SPDX-License-Identifier: Apache-2.0
"""Changing stacks."""

import pytest

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import bodies
from magnum_lite.pocketcloud.heat.stack import Stack
from tests.unit.pocketcloud_heat.heat import Heat, hot, states
from tests.unit.pocketcloud_heat.templates import BALANCED, NETWORK, NODE

ROUTED = """
parameters: {cidr: {type: string, default: 127.40.0.0/24}}
resources:
  net: {type: OS::Neutron::Net}
  subnet: {type: OS::Neutron::Subnet, properties: {network: {get_resource: net}, cidr: {get_param: cidr}}}
  router: {type: OS::Neutron::Router}
  leg: {type: OS::Neutron::RouterInterface,
        properties: {router: {get_resource: router}, subnet: {get_resource: subnet}}}
outputs:
  subnet: {value: {get_resource: subnet}}
"""
NODE_STACK = NODE.partition("\n")[2]


def test_a_property_that_can_change_is_changed_in_place(heat: Heat) -> None:
    stack = heat.create(NETWORK)
    before = _ids(stack)

    heat.update(stack, parameters={"name": "renamed"})

    assert (stack.state, heat.networks()) == ("UPDATE_COMPLETE", ["renamed"])
    assert _ids(stack) == before
    assert {name for name, state in states(stack).items() if state == "UPDATE_COMPLETE"} == {"net"}


def test_a_property_that_cannot_change_makes_the_resource_and_its_dependents_anew(heat: Heat) -> None:
    stack = heat.create(ROUTED)
    before = _ids(stack)

    heat.update(stack, parameters={"cidr": "127.41.0.0/24"})

    changed = {name for name, ident in _ids(stack).items() if ident != before[name]}
    assert stack.state == "UPDATE_COMPLETE", stack.reason
    assert changed == {"subnet", "leg"}
    assert heat.output(stack, "subnet") == stack.resources["subnet"].physical_id
    assert heat.cloud.network.list("subnet", heat.scope, cidr="127.40.0.0/24") == []


def test_resources_come_and_go_with_the_template(heat: Heat) -> None:
    stack = heat.create("resources: {old: {type: OS::Neutron::Net, properties: {name: old}}}")

    heat.update(stack, "resources: {new: {type: OS::Neutron::Net, properties: {name: new}}}")

    assert (list(stack.resources), heat.networks()) == (["new"], ["new"])


def test_an_update_that_changes_nothing_touches_nothing(heat: Heat) -> None:
    stack = heat.create(NETWORK)
    count = len(stack.events)

    heat.update(stack)

    assert [event.status for event in stack.events[count:]] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]


def test_a_whole_update_forgets_parameters_that_it_does_not_give(heat: Heat) -> None:
    stack = heat.create(NETWORK, parameters={"name": "given"})

    heat.update(stack, NETWORK)

    assert heat.networks() == ["inside"]


def test_a_partial_update_keeps_parameters_and_can_clear_them(heat: Heat) -> None:
    stack = heat.create(NETWORK, parameters={"name": "given"})

    heat.update(stack)
    kept = heat.networks()
    heat.update(stack, clear_parameters=["name"])

    assert (kept, heat.networks()) == (["given"], ["inside"])


@pytest.mark.parametrize(("policy", "is_same"), [("IGNORE", True), ("REPLACE", False)])
def test_new_user_data_rebuilds_a_server_only_if_it_is_not_to_be_ignored(
    heat: Heat, policy: str, is_same: bool
) -> None:
    stack = heat.create(NODE_STACK, parameters={"name": "node", "policy": policy})
    before = stack.resources["kube-minion"].physical_id

    heat.update(stack, parameters={"user_data": "second"})

    assert stack.state == "UPDATE_COMPLETE", stack.reason
    assert (stack.resources["kube-minion"].physical_id == before) is is_same


def test_a_replaced_server_takes_its_port_over(heat: Heat) -> None:
    stack = heat.create(NODE_STACK, parameters={"name": "node"})
    port = stack.resources["port"].physical_id

    heat.update(stack, parameters={"image": "plain"})
    heat.clock.move(10)

    servers = heat.cloud.compute.list_servers(heat.scope)
    assert stack.resources["port"].physical_id == port
    assert [one["id"] for one in servers] == [stack.resources["kube-minion"].physical_id]
    assert [one["id"] for one in servers[0]["_ports"]] == [port]


def test_a_load_balancer_changes_in_place(heat: Heat) -> None:
    stack = heat.create(BALANCED)

    heat.update(stack, parameters={"delay": 9})

    assert stack.state == "UPDATE_COMPLETE", stack.reason
    assert [one["delay"] for one in heat.cloud.load_balancer.list("healthmonitor", heat.scope)] == [9]


def test_a_failed_update_says_why_and_can_be_tried_again(heat: Heat) -> None:
    stack = heat.create(NODE_STACK, parameters={"name": "node"})
    heat.break_server("node")

    heat.update(stack, parameters={"image": "plain"})
    failed = stack.state, stack.reason
    heat.cloud.faults.clear()
    heat.update(stack)
    heat.clock.move(10)

    assert failed[0] == "UPDATE_FAILED"
    assert failed[1].startswith("Resource UPDATE failed: ResourceInError: resources.kube-minion: Went to status ERROR")
    assert stack.state == "UPDATE_COMPLETE", stack.reason
    assert [one["status"] for one in heat.cloud.compute.list_servers(heat.scope)] == ["ACTIVE"]


def test_a_failed_update_is_rolled_back_if_asked_for(heat: Heat) -> None:
    stack = heat.create(NETWORK, disable_rollback=False)
    broken = NETWORK.replace(
        "resources:\n", "resources:\n  bad: {type: OS::Neutron::FloatingIP, properties: {floating_network: private}}\n"
    )

    heat.update(stack, broken, parameters={"name": "other"})
    heat.clock.move(60)

    assert stack.state == "ROLLBACK_COMPLETE", stack.reason
    assert heat.networks() == ["inside"]
    assert "bad" not in stack.resources


def test_one_action_at_a_time(heat: Heat) -> None:
    stack = heat.begin(NETWORK)

    with pytest.raises(CloudFault) as raised:
        heat.update(stack)

    assert (raised.value.status, raised.value.kind) == (409, "ActionInProgress")
    assert raised.value.message == "Stack stack already has an action (CREATE) in progress."


def test_an_update_can_be_cancelled_and_goes_back(heat: Heat) -> None:
    stack = heat.create(NODE_STACK, parameters={"name": "node", "policy": "REPLACE"})
    server = stack.resources["kube-minion"].physical_id
    waiting = NODE_STACK.replace(
        "resources:\n",
        "resources:\n  handle: {type: OS::Heat::WaitConditionHandle}\n"
        "  wait: {type: OS::Heat::WaitCondition, properties: {handle: {get_resource: handle}, timeout: 900}}\n",
    )
    wish = bodies.wish_of({"template": hot(waiting), "parameters": {"name": "node"}})
    heat.engine.update(heat.scope, stack, wish, bodies.terms_of({}, stack))
    heat.clock.move(5)

    heat.engine.cancel(stack, rolls_back=True)
    heat.clock.move(60)

    assert stack.state == "ROLLBACK_COMPLETE", stack.reason
    assert stack.resources["kube-minion"].physical_id == server
    assert "wait" not in stack.resources


def test_an_unhealthy_resource_is_made_anew_by_the_next_update(heat: Heat) -> None:
    stack = heat.create(NODE_STACK, parameters={"name": "node"})
    before = stack.resources["kube-minion"].physical_id

    heat.engine.mark_unhealthy(stack.resources["kube-minion"], is_unhealthy=True, reason="no word for 5 minutes")
    marked = states(stack)["kube-minion"], stack.resources["kube-minion"].reason
    heat.update(stack)

    assert marked == ("CHECK_FAILED", "no word for 5 minutes")
    assert (stack.state, states(stack)["kube-minion"]) == ("UPDATE_COMPLETE", "CREATE_COMPLETE")
    assert stack.resources["kube-minion"].physical_id != before


def _ids(stack: Stack) -> dict[str, str | None]:
    return {name: resource.physical_id for name, resource in stack.resources.items()}
