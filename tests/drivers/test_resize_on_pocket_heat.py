# SPDX-License-Identifier: Apache-2.0
"""The workers of a cluster come and go by name in a Heat, the pocket cloud's, and all the others stay as they are."""

from __future__ import annotations

from magnum_lite.drivers.base import InfrastructureStatus
from magnum_lite.heat.stacks import name_of
from tests.drivers.built import Built


def test_new_workers_come_and_those_that_are_there_keep_their_servers(built: Built) -> None:
    before = built.members()
    built.grow(2)

    seen = built.change()

    after = built.members()
    assert after == built.wanted(seen)
    assert set(after) == {"0", "1", "2", "3", "4"}
    assert {index: after[index] for index in before} == before
    assert all(seen.nodes[node.uuid].address for node in built.cluster.nodes)
    assert built.pocket.made()["servers"] == 6


def test_only_the_named_worker_goes(built: Built) -> None:
    before, master = built.members(), built.look().nodes[built.cluster.masters[0].uuid]
    built.leave(built.cluster.workers[1])

    seen = built.change()

    assert built.members() == {"0": before["0"], "2": before["2"]}
    assert seen.nodes[built.cluster.masters[0].uuid] == master
    assert built.pocket.made()["servers"] == 3


def test_a_worker_is_replaced_at_an_equal_count(built: Built) -> None:
    before = built.members()
    built.leave(built.cluster.workers[0])
    built.grow(1)

    built.change()

    after = built.members()
    assert set(after) == {"1", "2", "3"}
    assert (after["1"], after["2"]) == (before["1"], before["2"])
    assert after["3"] not in before.values()


def test_all_workers_go_and_others_come(built: Built) -> None:
    built.leave(*built.cluster.workers)
    built.change()
    none = built.members()
    built.grow(1)

    built.change()

    assert none == {}
    assert set(built.members()) == {"3"}


def test_a_stack_that_failed_is_updated_again_by_the_next_change_and_by_no_look(built: Built) -> None:
    before = built.members()
    built.grow(1)
    name = built.cluster.workers[-1].name
    built.pocket.fault(
        service="nova", operation="create_server", kind="server-error", message="No host", count=1, match={"name": name}
    )

    failed = built.change()
    again = built.look()
    seen = built.change()

    assert (failed.status, again.status) == (InfrastructureStatus.FAILED, InfrastructureStatus.FAILED)
    assert "OS::Nova::Server kube_minions/3/kube-minion failed: " in failed.reason
    assert seen.status is InfrastructureStatus.COMPLETE
    after = built.members()
    assert after == built.wanted(seen)
    assert {index: after[index] for index in before} == before


def test_a_worker_that_failed_goes_with_the_next_change(built: Built) -> None:
    before = built.members()
    built.grow(1)
    broken = built.cluster.workers[-1]
    built.pocket.fault(service="nova", operation="create_server", kind="server-error", match={"name": broken.name})
    failed = built.change()
    built.leave(broken)

    seen = built.change()

    assert (failed.status, seen.status) == (InfrastructureStatus.FAILED, InfrastructureStatus.COMPLETE)
    assert built.members() == before


def test_a_wish_that_comes_during_an_update_is_told_when_that_is_over(built: Built) -> None:
    built.grow(1)
    first = built.look()
    built.leave(built.cluster.workers[0])

    seen = built.change()

    assert first.status is InfrastructureStatus.BUILDING
    assert seen.status is InfrastructureStatus.COMPLETE
    assert set(built.members()) == {"1", "2", "3"}


def test_what_is_as_wanted_is_not_changed(built: Built) -> None:
    stack = f"/stacks/{name_of('k8s', built.cluster.uuid)}/{built.cluster.stack_id}"
    built.change()

    assert built.pocket.get("orchestration", stack)["stack"]["updated_time"] is None
