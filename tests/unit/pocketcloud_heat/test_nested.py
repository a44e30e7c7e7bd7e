# SPDX-License-Identifier: Apache-2.0
"""Stacks inside stacks."""

import pytest

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat.outputs import reference
from tests.unit.pocketcloud_heat.heat import Heat, member, states
from tests.unit.pocketcloud_heat.templates import GROUPED, NODE_FILES

MEMBERS = """
heat_template_version: wallaby
resources:
  '0': {type: node.yaml, properties: {name: node-0}}
  '1': {type: node.yaml, properties: {name: node-1}}
outputs:
  refs_map: {value: {'0': {get_resource: '0'}, '1': {get_resource: '1'}}}
"""
ROOT = """
resources:
  kube_minions: {type: members.yaml}
outputs:
  refs_map: {value: {get_attr: [kube_minions, refs_map]}}
  outputs: {value: {get_attr: [kube_minions, outputs, refs_map]}}
  inner: {value: {get_attr: [kube_minions, resource.0.address]}}
"""
FILES = {**NODE_FILES, "members.yaml": MEMBERS}


def test_a_member_stands_for_its_server(heat: Heat) -> None:
    stack = heat.create(ROOT, files=FILES)

    servers = {name: member(stack, "kube_minions", name, "kube-minion").physical_id for name in ("0", "1")}
    assert stack.state == "CREATE_COMPLETE", stack.reason
    assert heat.output(stack, "refs_map") == servers
    assert heat.output(stack, "outputs") == servers
    assert heat.output(stack, "inner") is not None


def test_a_nested_stack_knows_its_place(heat: Heat) -> None:
    stack = heat.create(ROOT, files=FILES)

    nested = stack.resources["kube_minions"].nested
    assert nested is not None
    assert nested.name.startswith("stack-kube_minions-")
    assert (nested.parent, nested.root) == (stack, stack)
    assert stack.resources["kube_minions"].physical_id == nested.id
    assert [one.name for one in heat.engine.list_(heat.scope.project_id)] == ["stack"]
    assert len(heat.engine.list_(heat.scope.project_id, nested=True)) == 4
    assert len(list(stack.below(1))) == 2
    assert heat.engine.find(heat.scope.project_id, nested.name) is nested


def test_a_failure_deep_down_is_told_with_the_whole_way(heat: Heat) -> None:
    heat.break_server("node-1", "No valid host")

    stack = heat.create(ROOT, files=FILES)

    where = "resources.kube_minions.resources[1].resources.kube-minion"
    what = 'Went to status ERROR due to "Message: No valid host, Code: 500"'
    assert stack.reason == f"Resource CREATE failed: ResourceInError: {where}: {what}"


def test_deleting_the_outer_stack_deletes_all(heat: Heat) -> None:
    stack = heat.create(ROOT, files=FILES)

    heat.delete(stack)

    assert heat.engine.list_(heat.scope.project_id, nested=True) == []
    assert heat.cloud.compute.list_servers(heat.scope) == []


def test_a_half_made_tree_is_deleted_without_a_trace(heat: Heat) -> None:
    stack = heat.begin(ROOT, files=FILES)
    heat.clock.move(0.1)

    heat.delete(stack)
    heat.clock.move(60)

    assert heat.engine.list_(heat.scope.project_id, nested=True) == []
    assert heat.cloud.compute.list_servers(heat.scope) == []


def test_a_member_is_added_and_another_removed_by_name(heat: Heat) -> None:
    stack = heat.create(ROOT, files=FILES)
    kept = heat.output(stack, "refs_map")["1"]

    heat.update(stack, files={"members.yaml": MEMBERS.replace("'0'", "'7'")})

    assert stack.state == "UPDATE_COMPLETE", stack.reason
    assert set(heat.output(stack, "refs_map")) == {"1", "7"}
    assert heat.output(stack, "refs_map")["1"] == kept
    assert len(heat.cloud.compute.list_servers(heat.scope)) == 2


def test_an_unhealthy_server_deep_down_is_made_anew_by_an_empty_update(heat: Heat) -> None:
    stack = heat.create(ROOT, files=FILES)
    before = heat.output(stack, "refs_map")

    heat.engine.mark_unhealthy(member(stack, "kube_minions", "0", "kube-minion"), is_unhealthy=True, reason="")
    heat.update(stack)

    after = heat.output(stack, "refs_map")
    assert stack.state == "UPDATE_COMPLETE", stack.reason
    assert (after["0"] != before["0"], after["1"] == before["1"]) == (True, True)


def test_a_bad_nested_template_is_refused_at_once(heat: Heat) -> None:
    files = {**FILES, "node.yaml": NODE_FILES["node.yaml"].replace("flavor: m1.small", "flavor: huge")}

    with pytest.raises(CloudFault) as raised:
        heat.begin(ROOT, files=files)

    assert "resources.kube_minions: Failed to validate: resources.0: " in raised.value.message
    assert "The Flavor (huge) could not be found." in raised.value.message


def test_a_template_that_nests_itself_is_refused(heat: Heat) -> None:
    files = {"self.yaml": "heat_template_version: wallaby\nresources: {again: {type: self.yaml}}"}

    with pytest.raises(CloudFault, match="Recursion depth exceeds"):
        heat.begin("resources: {again: {type: self.yaml}}", files=files)


def test_an_alias_in_the_environment_stands_for_a_template(heat: Heat) -> None:
    environment = {"resource_registry": {"My::Node": "node.yaml"}, "parameter_defaults": {"user_data": "all"}}

    stack = heat.create(
        "resources: {one: {type: My::Node, properties: {name: n}}}", files=NODE_FILES, environment=environment
    )

    nested = stack.resources["one"].nested
    assert nested is not None
    assert nested.wish.values["user_data"] == "all"


def test_a_group_gives_what_its_members_have(heat: Heat) -> None:
    stack = heat.create(GROUPED, files=NODE_FILES)

    servers = {name: reference(stack.resources["nodes"].nested, name) for name in ("0", "1")}  # type: ignore[arg-type]
    addresses = heat.output(stack, "addresses")
    assert heat.output(stack, "refs_map") == servers
    assert heat.output(stack, "refs") == list(servers.values())
    assert heat.output(stack, "by_name") == dict(zip("01", addresses, strict=True))
    assert heat.output(stack, "first") == addresses[0]
    assert member(stack, "nodes", "1", "kube-minion").properties["name"] == "node-1"


@pytest.mark.parametrize("how", ["index", "reference"])
def test_a_group_drops_the_member_that_is_named_and_never_uses_its_index_again(heat: Heat, how: str) -> None:
    stack = heat.create(GROUPED, files=NODE_FILES, parameters={"count": 3})
    named = "1" if how == "index" else heat.output(stack, "refs_map")["1"]

    heat.update(stack, parameters={"count": 2, "leaving": [named]})
    smaller = set(heat.output(stack, "refs_map"))
    heat.update(stack, parameters={"count": 3, "leaving": []})

    assert stack.state == "UPDATE_COMPLETE", stack.reason
    assert smaller == {"0", "2"}
    assert set(heat.output(stack, "refs_map")) == {"0", "2", "3"}


def test_a_nested_stack_can_be_updated_by_itself(heat: Heat) -> None:
    stack = heat.create(ROOT, files=FILES)
    nested = stack.resources["kube_minions"].nested
    assert nested is not None

    heat.update(nested)

    assert (nested.state, stack.state) == ("UPDATE_COMPLETE", "CREATE_COMPLETE")
    assert states(nested) == {"0": "UPDATE_COMPLETE", "1": "UPDATE_COMPLETE"}
