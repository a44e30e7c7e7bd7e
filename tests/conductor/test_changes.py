# SPDX-License-Identifier: Apache-2.0
"""Changes of clusters end as their rows say, and what was cut off or failed is finished by the next one."""

import pytest

from magnum_lite.drivers.base import InfrastructureStatus
from magnum_lite.errors import CloudError
from magnum_lite.model import Cluster, Node
from magnum_lite.model.defaults import new_operation
from magnum_lite.model.states import NodeState, Verb
from magnum_lite.store import clusters
from tests.builders import REQUESTER
from tests.conductor.conftest import House
from tests.wishes import group_of, resize

QUOTA = "OS::Nova::Server kube_minions/2/kube-minion failed: Quota exceeded for cores"


def settle(house: House, uuid: str) -> Cluster:
    """Look until nothing is left to do, every node reporting that it is ready; give the rows."""
    for _ in range(20):
        wait = house.look(uuid)
        if wait is None:
            return house.get(uuid)
        house.report(uuid, NodeState.READY)
        house.clock.go_on(wait)
    raise AssertionError(house.operation(uuid).progress)


def change(house: House, uuid: str, verb: Verb = Verb.RESIZE, **wish: object) -> Cluster:
    """Ask for a resize and take it to its end."""
    house.ask_for(uuid, verb, resize(**wish))  # type: ignore[arg-type]
    return settle(house, uuid)


def fail_stack(house: House, uuid: str) -> None:
    """Have the stack fail at the next look."""
    house.world.stacks[uuid], house.world.reason = InfrastructureStatus.FAILED, QUOTA


def workers(cluster: Cluster) -> list[int]:
    return [node.index for node in group_of(cluster).nodes]


def servers(cluster: Cluster) -> dict[str, str | None]:
    return {node.name: node.server_id for node in cluster.nodes}


@pytest.mark.parametrize("verb", [Verb.RESIZE, Verb.UPDATE])
def test_new_workers_get_tokens_and_servers_and_are_waited_for(house: House, verb: Verb) -> None:
    before = house.create(node_count=2)
    house.ask_for(before.uuid, verb, resize(more=2))

    house.keep_looking(before.uuid, times=2)
    waiting = house.get(before.uuid)
    progress = str(house.operation(before.uuid).progress)
    after = settle(house, before.uuid)

    assert waiting.status == "UPDATE_IN_PROGRESS"
    assert "0 of 2 new nodes ready, waiting for" in progress
    assert (after.status, after.status_reason) == ("UPDATE_COMPLETE", None)
    assert house.operation(before.uuid).state == "complete"
    assert workers(after) == [0, 1, 2, 3]
    assert all(node.token_hash and node.server_id and node.address for node in after.nodes)
    assert servers(before).items() <= servers(after).items()
    assert set(house.world.servers[after.uuid].values()) == set(servers(after).values())


def test_tokens_of_nodes_that_are_there_stay(house: House) -> None:
    before = house.create()

    after = change(house, before.uuid, more=1)

    hashes = {node.name: node.token_hash for node in after.nodes}
    assert {node.name: node.token_hash for node in before.nodes}.items() <= hashes.items()
    assert len(set(hashes.values())) == len(after.nodes)


def test_only_the_named_worker_goes_and_its_row_with_it(house: House) -> None:
    before = house.create(node_count=3)

    after = change(house, before.uuid, without=(1,))

    assert (after.status, workers(after), group_of(after).node_count) == ("UPDATE_COMPLETE", [0, 2], 2)
    assert servers(after).items() <= servers(before).items()
    assert set(house.world.servers[after.uuid].values()) == set(servers(after).values())


def test_a_worker_is_replaced_at_an_equal_count(house: House) -> None:
    before = house.create(node_count=2)

    after = change(house, before.uuid, more=1, without=(0,))

    assert (after.status, workers(after), group_of(after).node_count) == ("UPDATE_COMPLETE", [1, 2], 2)
    assert house.world.calls["update"] == 1


def test_all_workers_go_and_others_come(house: House) -> None:
    uuid = house.create(node_count=2).uuid

    none = change(house, uuid, without=(0, 1))
    some = change(house, uuid, more=1)

    assert (none.status, workers(none)) == ("UPDATE_COMPLETE", [])
    assert (some.status, workers(some)) == ("UPDATE_COMPLETE", [2])


def test_a_worker_that_leaves_keeps_its_row_until_its_server_is_gone(house: House) -> None:
    uuid = house.create(node_count=2).uuid
    house.world.looks_until_complete = 2
    house.ask_for(uuid, Verb.RESIZE, resize(without=(1,)))

    house.look(uuid)

    assert workers(house.get(uuid)) == [0, 1]
    assert workers(settle(house, uuid)) == [0]


def test_a_failed_stack_fails_the_change_and_the_next_one_updates_it_again(house: House) -> None:
    uuid = house.create(node_count=2).uuid
    house.world.looks_until_complete = 2
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))
    wait = house.look(uuid)
    fail_stack(house, uuid)
    house.clock.go_on(wait or 0)
    house.look(uuid)
    failed = house.get(uuid)
    house.world.reason = ""

    after = change(house, uuid)

    assert (failed.status, failed.status_reason) == ("UPDATE_FAILED", QUOTA)
    assert [group.status for group in failed.nodegroups] == ["CREATE_COMPLETE", "UPDATE_FAILED"]
    assert group_of(failed).status_reason == QUOTA
    assert house.world.calls["update"] == 2
    assert (after.status, after.status_reason, workers(after)) == ("UPDATE_COMPLETE", None, [0, 1, 2])
    assert [group.status for group in after.nodegroups] == ["CREATE_COMPLETE", "UPDATE_COMPLETE"]
    assert group_of(after).status_reason is None


def test_what_a_failed_change_wanted_can_be_taken_back(house: House) -> None:
    before = house.create(node_count=2)
    house.world.looks_until_complete = 2
    house.ask_for(before.uuid, Verb.RESIZE, resize(more=1))
    house.clock.go_on(house.look(before.uuid) or 0)
    fail_stack(house, before.uuid)
    house.look(before.uuid)

    after = change(house, before.uuid, without=(2,))

    assert (after.status, servers(after)) == ("UPDATE_COMPLETE", servers(before))
    assert set(house.world.servers[after.uuid].values()) == set(servers(before).values())


def test_a_new_worker_that_fails_fails_the_change_and_the_next_one_can_remove_it(house: House) -> None:
    uuid = house.create().uuid
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))
    house.keep_looking(uuid, times=2)
    broken = house.get(uuid).workers[-1]
    house.report(uuid, NodeState.FAILED, "phase images: no space left on device", only=[broken])
    house.look(uuid)
    failed = house.get(uuid)

    house.ask_for(uuid, Verb.RESIZE, resize(without=(broken.index,)))
    house.keep_looking(uuid, times=2)
    after = house.get(uuid)

    assert failed.status == "UPDATE_FAILED"
    assert failed.status_reason == f"node {broken.name} failed: phase images: no space left on device"
    assert (after.status, workers(after)) == ("UPDATE_COMPLETE", [0])


def test_an_older_worker_that_broke_keeps_no_change_from_its_end(house: House) -> None:
    broken = house.create(node_count=3).workers
    house.report(broken[0].cluster_uuid, NodeState.FAILED, "no space left on device", only=broken[:2])
    house.ask_for(broken[0].cluster_uuid, Verb.RESIZE, resize(more=1, without=(0,)))
    house.keep_looking(broken[0].cluster_uuid, times=2)
    new = house.get(broken[0].cluster_uuid).workers[-1]
    house.report(new.cluster_uuid, NodeState.READY, only=[new])

    house.look(new.cluster_uuid)

    after = house.get(new.cluster_uuid)
    assert (after.status, workers(after)) == ("UPDATE_COMPLETE", [1, 2, 3])
    assert [node.state for node in after.workers] == ["failed", "ready", "ready"]


def test_a_new_worker_that_failed_is_waited_for_by_the_next_change_too(house: House) -> None:
    uuid = house.create().uuid
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))
    house.keep_looking(uuid, times=2)
    new = house.get(uuid).workers[-1]
    house.report(uuid, NodeState.FAILED, "no space left on device", only=[new])
    house.look(uuid)
    house.report(uuid, NodeState.CONFIGURING, only=[new])
    house.ask_for(uuid, Verb.RESIZE, resize())
    house.look(uuid)
    waiting = house.get(uuid).status

    after = settle(house, uuid)

    assert (waiting, after.status) == ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")


def test_a_worker_that_fails_while_it_leaves_fails_nothing(house: House) -> None:
    uuid = house.create(node_count=2).uuid
    house.world.looks_until_complete = 2
    house.ask_for(uuid, Verb.RESIZE, resize(without=(1,)))
    house.look(uuid)
    leaving = [node for node in house.get(uuid).all_nodes if node.is_leaving]
    house.report(uuid, NodeState.FAILED, "the machine stops", only=leaving)
    house.clock.go_on(30)

    house.keep_looking(uuid, times=4)

    assert (house.get(uuid).status, workers(house.get(uuid))) == ("UPDATE_COMPLETE", [0])


def test_a_change_that_comes_during_another_takes_over_what_that_wanted(house: House) -> None:
    uuid = house.create(node_count=2).uuid
    house.world.looks_until_complete = 3
    house.ask_for(uuid, Verb.RESIZE, resize(more=1))
    house.look(uuid)

    after = change(house, uuid, more=1, without=(0,))

    assert (after.status, workers(after)) == ("UPDATE_COMPLETE", [1, 2, 3])
    assert set(house.world.servers[uuid].values()) == set(servers(after).values())
    with house.deps.store.read() as session:
        found = [row.state for row in session.query(type(house.operation(uuid))).filter_by(verb="resize")]
    assert sorted(found) == ["complete", "superseded"]


def test_a_change_that_comes_while_the_other_is_worked_on_is_not_lost(house: House) -> None:
    uuid = house.create(node_count=2).uuid
    driver = house.deps.drivers.get("k8s_fcos")
    observe = driver.observe

    def observe_while_the_user_asks_again(*args: object) -> object:
        driver.observe = observe  # type: ignore[method-assign]
        house.ask_for(uuid, Verb.RESIZE, resize(more=1))
        return observe(*args)  # type: ignore[arg-type]

    house.ask_for(uuid, Verb.RESIZE, resize(without=(0,)))
    driver.observe = observe_while_the_user_asks_again  # type: ignore[method-assign,assignment]

    assert house.look(uuid) == 0.0
    after = settle(house, uuid)
    assert (after.status, workers(after)) == ("UPDATE_COMPLETE", [1, 2])


def test_a_change_accepted_just_as_the_one_before_ended_is_in_progress_again(house: House) -> None:
    uuid = house.create().uuid
    change(house, uuid, more=1)
    with house.deps.store.write() as session:
        cluster = clusters.get(session, None, uuid)
        session.add(new_operation(cluster, Verb.RESIZE, REQUESTER, now=house.clock()))
        resize(more=1)(cluster, house.clock())

    house.look(uuid)
    meanwhile = house.get(uuid).status

    assert meanwhile == "UPDATE_IN_PROGRESS"
    assert settle(house, uuid).status == "UPDATE_COMPLETE"


@pytest.mark.parametrize("call", ["material", "change_infrastructure", "update", "observe"])
def test_cut_off_in_any_call_of_a_change_the_next_look_goes_on(house: House, call: str) -> None:
    uuid = house.create(node_count=2).uuid
    house.ask_for(uuid, Verb.RESIZE, resize(more=1, without=(0,)))
    house.world.errors[call] = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        house.look(uuid)
    house.clock.go_on(31)

    after = settle(house, uuid)

    assert (after.status, workers(after)) == ("UPDATE_COMPLETE", [1, 2])
    assert set(house.world.servers[uuid].values()) == set(servers(after).values())
    assert house.world.calls["update"] == (2 if call == "update" else 1)


@pytest.mark.parametrize("writes", range(9))
def test_cut_off_before_any_of_its_writes_a_change_goes_on(house: House, writes: int) -> None:
    uuid = house.create(node_count=2).uuid
    house.ask_for(uuid, Verb.RESIZE, resize(more=1, without=(0,)))
    transact, left = house.deps.store.transact, [writes]

    def cut_off(work: object) -> object:
        left[0] -= 1
        if left[0] == -1:
            raise KeyboardInterrupt
        return transact(work)  # type: ignore[arg-type]

    house.deps.store.transact = cut_off  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        house.keep_looking(uuid, times=20)
    house.deps.store.transact = transact  # type: ignore[method-assign]
    house.clock.go_on(31)

    after = settle(house, uuid)

    assert (after.status, workers(after)) == ("UPDATE_COMPLETE", [1, 2])
    assert house.world.calls["update"] == 1


def test_a_cloud_that_fails_for_a_while_is_asked_again(house: House) -> None:
    uuid = house.create().uuid
    house.world.errors["update"] = [CloudError("heat", "Remote error", retriable=True)]

    after = change(house, uuid, more=1)

    assert (after.status, workers(after)) == ("UPDATE_COMPLETE", [0, 1])


def test_a_change_that_takes_too_long_fails_and_can_be_finished(house: House) -> None:
    uuid = house.create().uuid
    house.ask_for(uuid, Verb.RESIZE, resize(more=1), minutes=10)
    house.keep_looking(uuid, times=2)
    house.clock.go_on(601)
    house.look(uuid)
    late = house.get(uuid)

    after = change(house, uuid)

    assert late.status == "UPDATE_FAILED"
    assert "not complete after 10 minutes: 0 of 1 new nodes ready" in str(late.status_reason)
    assert (after.status, workers(after)) == ("UPDATE_COMPLETE", [0, 1])


def test_a_stack_that_somebody_removed_is_said_to_be_gone(house: House) -> None:
    uuid = house.create().uuid
    del house.world.stacks[uuid]

    after = change(house, uuid, more=1)

    assert after.status == "UPDATE_FAILED"
    assert "was removed by somebody else" in str(after.status_reason)


def test_a_delete_stops_a_change_and_leaves_nothing_behind(house: House) -> None:
    uuid = house.create(node_count=2).uuid
    house.world.looks_until_complete = 3
    house.ask_for(uuid, Verb.RESIZE, resize(more=1, without=(0,)))
    house.look(uuid)
    house.ask_to_delete(uuid)

    house.keep_looking(uuid, times=5)

    assert house.find(uuid) is None
    assert (house.world.users, house.world.stacks, house.world.servers) == ({}, {}, {})
    with house.deps.store.read() as session:
        assert session.query(Node).count() == 0


def calls_of_a_growth(house: House, count: int) -> tuple[int, int]:
    """Count the looks and the updates of a stack while so many nodes come up, each told of as the API does."""
    house.world.looks_until_complete = 0
    uuid = house.create().uuid
    house.world.calls.clear()
    house.world.looks_until_complete = 2
    house.ask_for(uuid, Verb.RESIZE, resize(more=count))
    house.look(uuid)
    for state in (NodeState.BOOTING, NodeState.READY):
        for node in house.get(uuid).workers[1:]:
            house.clock.go_on(1 / count)
            house.report(uuid, state, only=[node])
            house.look(uuid)
    assert settle(house, uuid).status == "UPDATE_COMPLETE"
    return house.world.calls["change_infrastructure"], house.world.calls["update"]


def test_how_often_heat_is_asked_does_not_grow_with_the_number_of_nodes(house: House) -> None:
    few, many = calls_of_a_growth(house, 2), calls_of_a_growth(house, 20)

    assert few == many == (4, 1)


def test_a_removal_that_goes_on_is_looked_at_ever_more_rarely(house: House) -> None:
    uuid = house.create(node_count=2).uuid
    house.world.looks_until_complete = 100
    house.ask_for(uuid, Verb.RESIZE, resize(without=(0,)), minutes=None)

    waits = house.keep_looking(uuid, times=25)

    assert waits == sorted(waits, key=lambda wait: wait or 0)
    assert (waits[0], waits[-1]) == (1.0, 30.0)
