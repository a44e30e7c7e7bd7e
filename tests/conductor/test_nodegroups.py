# SPDX-License-Identifier: Apache-2.0
"""Nodegroups come, change and go, each with a status of its own."""

from magnum_lite.drivers.base import InfrastructureStatus
from magnum_lite.model import Cluster
from magnum_lite.model.states import NodeState, Verb
from tests.conductor.conftest import House
from tests.conductor.test_changes import settle
from tests.wishes import change_group, delete_group, group_of, new_group, resize

REASON = "OS::Nova::Server kube_minions/0/kube-minion failed: No valid host was found"


def statuses(cluster: Cluster) -> dict[str, str]:
    return {group.name: group.status for group in cluster.nodegroups}


def with_group(house: House) -> Cluster:
    """A cluster with a nodegroup of two nodes beside its own."""
    uuid = house.create().uuid
    house.ask_for(uuid, Verb.CREATE_NODEGROUP, new_group("storage", 2))
    return settle(house, uuid)


def failing(house: House, uuid: str) -> Cluster:
    """Have the stack fail while it is being changed; give the rows as they are then."""
    house.world.looks_until_complete = 2
    house.clock.go_on(house.look(uuid) or 0)
    house.world.stacks[uuid], house.world.reason = InfrastructureStatus.FAILED, REASON
    house.look(uuid)
    house.world.reason, house.world.looks_until_complete = "", 0
    return house.get(uuid)


def test_a_new_nodegroup_is_created_and_the_others_keep_their_status(house: House) -> None:
    after = with_group(house)

    assert after.status == "UPDATE_COMPLETE"
    assert statuses(after) == {
        "default-master": "CREATE_COMPLETE",
        "default-worker": "CREATE_COMPLETE",
        "storage": "CREATE_COMPLETE",
    }
    made = group_of(after, "storage")
    assert [(node.index, bool(node.server_id and node.token_hash)) for node in made.nodes] == [(0, True), (1, True)]
    assert (made.stack_id, group_of(after).stack_id) == (f"stack-{made.uuid}", f"stack-{after.uuid}")


def test_a_changed_nodegroup_is_updated_without_asking_for_any_server(house: House) -> None:
    uuid = with_group(house).uuid
    updates = house.world.calls["update"]
    house.ask_for(uuid, Verb.UPDATE_NODEGROUP, change_group("storage", 5))

    after = settle(house, uuid)

    assert (after.status, statuses(after)["storage"]) == ("UPDATE_COMPLETE", "UPDATE_COMPLETE")
    assert statuses(after)["default-worker"] == "CREATE_COMPLETE"
    assert house.world.calls["update"] == updates


def test_a_deleted_nodegroup_takes_its_rows_and_servers_along(house: House) -> None:
    before = with_group(house)
    house.ask_for(before.uuid, Verb.DELETE_NODEGROUP, delete_group("storage"))

    after = settle(house, before.uuid)

    assert (after.status, list(statuses(after))) == ("UPDATE_COMPLETE", ["default-master", "default-worker"])
    assert {node.uuid for node in after.all_nodes} == set(house.world.servers[after.uuid])


def test_only_a_nodegroup_in_progress_fails_with_the_reason(house: House) -> None:
    uuid = house.create().uuid
    house.ask_for(uuid, Verb.CREATE_NODEGROUP, new_group("storage", 1))

    failed = failing(house, uuid)

    assert (failed.status, failed.status_reason) == ("UPDATE_FAILED", REASON)
    assert [(group.status, group.status_reason) for group in failed.nodegroups] == [
        ("CREATE_COMPLETE", None),
        ("CREATE_COMPLETE", None),
        ("CREATE_FAILED", REASON),
    ]


def test_the_next_change_of_any_nodegroup_finishes_what_failed(house: House) -> None:
    uuid = house.create().uuid
    house.ask_for(uuid, Verb.CREATE_NODEGROUP, new_group("storage", 1))
    failing(house, uuid)
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))

    after = settle(house, uuid)

    assert (after.status, after.status_reason) == ("UPDATE_COMPLETE", None)
    assert statuses(after) == {
        "default-master": "CREATE_COMPLETE",
        "default-worker": "UPDATE_COMPLETE",
        "storage": "CREATE_COMPLETE",
    }
    assert {group.status_reason for group in after.nodegroups} == {None}


def test_a_nodegroup_that_could_not_be_deleted_goes_with_the_next_change(house: House) -> None:
    uuid = with_group(house).uuid
    house.ask_for(uuid, Verb.DELETE_NODEGROUP, delete_group("storage"))
    failed = failing(house, uuid)
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))

    after = settle(house, uuid)

    assert statuses(failed)["storage"] == "DELETE_FAILED"
    assert (after.status, list(statuses(after))) == ("UPDATE_COMPLETE", ["default-master", "default-worker"])


def test_changes_of_several_nodegroups_at_once_are_all_made(house: House) -> None:
    uuid = with_group(house).uuid
    house.world.looks_until_complete = 3
    house.ask_for(uuid, Verb.CREATE_NODEGROUP, new_group("fast", 1))
    house.look(uuid)
    house.ask_for(uuid, Verb.DELETE_NODEGROUP, delete_group("storage"))
    house.look(uuid)
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))

    after = settle(house, uuid)

    assert statuses(after) == {
        "default-master": "CREATE_COMPLETE",
        "default-worker": "UPDATE_COMPLETE",
        "fast": "CREATE_COMPLETE",
    }
    assert {node.uuid for node in after.nodes} == set(house.world.servers[uuid])


def test_the_end_of_a_create_or_a_delete_is_that_of_every_nodegroup(house: House) -> None:
    uuid = house.accept().uuid
    house.look(uuid)
    house.report(uuid, NodeState.FAILED, "no disk")

    house.look(uuid)

    found = house.get(uuid)
    assert {(group.status, group.status_reason) for group in found.nodegroups} == {
        ("CREATE_FAILED", found.status_reason)
    }
