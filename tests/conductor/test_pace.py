# SPDX-License-Identifier: Apache-2.0
"""Heat is asked when it may have news: not for every report of a node, and ever more rarely while nothing happens."""

from magnum_lite.model.states import NodeState
from tests.conductor.conftest import House


def waiting(house: House) -> str:
    """Have a cluster whose stack is being built and goes on so for long."""
    house.world.looks_until_complete = 100
    cluster = house.accept()
    house.look(cluster.uuid)
    return cluster.uuid


def asked(house: House, uuid: str) -> int:
    """Look once and count how often the stack was looked at for it."""
    before = house.world.calls["observe"]
    house.look(uuid)
    return house.world.calls["observe"] - before


def test_a_node_on_its_way_is_no_reason_to_ask(house: House) -> None:
    uuid = waiting(house)
    house.report(uuid, NodeState.CONFIGURING)

    assert asked(house, uuid) == 0
    assert "the stack is being built" in str(house.operation(uuid).progress)


def test_a_report_does_not_put_off_the_next_look(house: House) -> None:
    uuid = waiting(house)
    due = house.operation(uuid).look_at
    house.clock.go_on(1)
    house.report(uuid, NodeState.CONFIGURING)
    house.look(uuid)

    assert house.operation(uuid).look_at == due
    house.clock.go_on((due - house.clock.now).total_seconds())
    assert asked(house, uuid) == 1


def test_nodes_that_are_all_ready_are_a_reason_to_ask_at_once(house: House) -> None:
    uuid = waiting(house)
    house.report(uuid, NodeState.READY)

    assert asked(house, uuid) == 1


def test_a_stack_in_which_nothing_happens_is_looked_at_ever_more_rarely(house: House) -> None:
    uuid = waiting(house)
    waits = []
    for _ in range(12):
        wait = house.look(uuid)
        assert wait is not None
        waits.append(wait)
        house.clock.go_on(wait)

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (5.0, 30.0)
