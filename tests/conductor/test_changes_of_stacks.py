# SPDX-License-Identifier: Apache-2.0
"""Changes by a conductor with the driver that users have: what Heat is asked for them, and how often."""

import dataclasses

import pytest

from magnum_lite.drivers.base import Stacks
from magnum_lite.drivers.registry import Registry
from magnum_lite.model import Cluster
from magnum_lite.model.states import Verb
from tests.conductor.conftest import House
from tests.conductor.test_changes import servers, settle, workers
from tests.drivers.stacks import MemoryStacks
from tests.fakes.cloud import FakeClouds
from tests.wishes import delete_group, group_of, new_group, resize


class OneHeat(FakeClouds):
    """Clouds whose stacks are kept in memory."""

    heat = MemoryStacks()

    def stacks(self, cluster: Cluster, password: str) -> Stacks:
        return self.heat


@pytest.fixture
def heat(house: House) -> MemoryStacks:
    clouds = OneHeat(house.world)
    clouds.heat = MemoryStacks()
    house.deps = dataclasses.replace(house.deps, clouds=clouds, drivers=Registry.from_conf(house.deps.conf))
    return clouds.heat


def create(house: House, heat: MemoryStacks) -> Cluster:
    uuid = house.accept(node_count=3).uuid
    house.clock.go_on(house.look(uuid) or 0)
    heat.finish()
    made = settle(house, uuid)
    assert made.status == "CREATE_COMPLETE"
    heat.looks = heat.updates = 0
    return made


def finish(house: House, heat: MemoryStacks, uuid: str) -> Cluster:
    """Look once, have Heat come to its end, and take the operation to its own."""
    house.clock.go_on(house.look(uuid) or 0)
    heat.finish()
    return settle(house, uuid)


def test_a_resize_is_one_update_and_a_few_looks_and_others_keep_their_servers(house: House, heat: MemoryStacks) -> None:
    before = create(house, heat)
    house.ask_for(before.uuid, Verb.RESIZE, resize(more=10, without=(1,)))

    after = finish(house, heat, before.uuid)

    assert (after.status, after.stack_id) == ("UPDATE_COMPLETE", before.stack_id)
    assert workers(after) == [0, 2, *range(3, 13)]
    stayed = {name: server for name, server in servers(before).items() if name in servers(after)}
    assert stayed.items() <= servers(after).items()
    assert len(stayed) == 3
    assert (heat.updates, heat.looks) == (1, 2)


def test_a_failed_stack_is_updated_by_the_next_change_only(house: House, heat: MemoryStacks) -> None:
    uuid = create(house, heat).uuid
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))
    house.clock.go_on(house.look(uuid) or 0)
    heat.set("UPDATE_FAILED")
    house.look(uuid)
    failed = house.get(uuid)
    house.ask_for(uuid, Verb.RESIZE, resize())

    after = finish(house, heat, uuid)

    assert failed.status == "UPDATE_FAILED"
    assert "OS::Neutron::Port port failed: Quota exceeded" in str(failed.status_reason)
    assert (after.status, workers(after), heat.updates) == ("UPDATE_COMPLETE", [0, 1, 2, 3], 2)


def test_a_nodegroup_has_a_stack_of_its_own_that_is_not_asked_for_while_others_change(
    house: House, heat: MemoryStacks
) -> None:
    uuid = create(house, heat).uuid
    house.ask_for(uuid, Verb.CREATE_NODEGROUP, new_group("storage", 2))
    made = group_of(finish(house, heat, uuid), "storage")
    heat.looks = 0
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))

    after = finish(house, heat, uuid)

    assert (made.status, made.stack_id) == ("CREATE_COMPLETE", "stack-2")
    assert (after.status, heat.looks) == ("UPDATE_COMPLETE", 2)
    assert [group.stack_id for group in after.nodegroups] == ["stack-1", "stack-1", "stack-2"]


def test_a_nodegroup_and_its_stack_go_and_a_delete_takes_those_that_are_left(house: House, heat: MemoryStacks) -> None:
    uuid = create(house, heat).uuid
    for name in ("storage", "fast"):
        house.ask_for(uuid, Verb.CREATE_NODEGROUP, new_group(name, 1))
        finish(house, heat, uuid)
    house.ask_for(uuid, Verb.DELETE_NODEGROUP, delete_group("storage"))
    without = finish(house, heat, uuid)
    left = len(heat.names)
    house.ask_to_delete(uuid)

    for _ in range(4):
        house.clock.go_on(house.look(uuid) or 0)
        heat.finish_removals()

    assert [group.name for group in without.nodegroups] == ["default-master", "default-worker", "fast"]
    assert left == 2
    assert (house.find(uuid), heat.names) == (None, [])


def test_a_stack_that_went_silent_is_told_again_as_often_as_it_does(house: House, heat: MemoryStacks) -> None:
    """Its first engine is killed while it makes the stack, the next one while it deletes it."""
    silent = house.deps.conf.heat.silent_seconds
    uuid = house.accept(node_count=1).uuid
    heat.happened = house.clock()
    house.look(uuid)
    for told in (1, 2):
        house.clock.go_on(silent + 1)
        house.look(uuid)
        heat.happened = house.clock()
        house.clock.go_on(silent - 30)
        house.look(uuid)
        assert heat.updates == told
    heat.finish()
    assert settle(house, uuid).status == "CREATE_COMPLETE"

    house.ask_to_delete(uuid)
    house.look(uuid)
    heat.happened = house.clock()
    house.clock.go_on(silent + 1)
    house.look(uuid)
    assert heat.removals == 2
    heat.finish()
    house.clock.go_on(silent)
    house.look(uuid)
    assert house.find(uuid) is None


def test_a_stack_that_fails_after_it_was_told_again_is_made_anew_and_nothing_old_is_believed(
    house: House, heat: MemoryStacks
) -> None:
    """A router has the interface already that an engine made and, killed, could not note."""
    uuid = house.accept(node_count=1).uuid
    heat.happened = house.clock()
    house.look(uuid)
    heat.finish()
    heat.set("CREATE_IN_PROGRESS", **heat.outputs())
    house.clock.go_on(house.deps.conf.heat.silent_seconds + 1)
    house.look(uuid)
    assert (heat.made, heat.updates, house.get(uuid).masters[0].server_id is not None) == (1, 1, True)

    heat.culprit = "OS::Neutron::RouterInterface failed: Router already has a port on subnet"
    heat.set("UPDATE_FAILED")
    for _ in range(3):
        house.clock.go_on(60)
        heat.happened = house.clock()
        house.look(uuid)
    found = house.get(uuid)
    assert (found.stack_id, found.api_address, heat.removals) == (None, None, 1)
    assert {node.server_id for node in found.nodes} == {None}

    heat.finish_removals()
    heat.happened = house.clock()
    for _ in range(2):
        house.clock.go_on(60)
        house.look(uuid)
    assert heat.made == 2
    heat.finish()
    assert settle(house, uuid).status == "CREATE_COMPLETE"
    assert "made-anew" in [event.reason for event in house.events(uuid)]
