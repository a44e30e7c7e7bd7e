# SPDX-License-Identifier: Apache-2.0
"""The workers of a cluster come and go by name in a Heat, the pocket cloud's, and all the others stay as they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from magnum_lite.drivers.base import InfrastructureStatus, Observation
from magnum_lite.heat.stacks import name_of
from magnum_lite.model import Cluster, Node
from magnum_lite.model.defaults import add_nodes
from tests.builders import NOW
from tests.drivers import clusters
from tests.drivers.pocket import LABELS, Pocket, build, nothing_is_left, remove, until

SMALL = {"flavor_id": "m1.small", "master_flavor_id": "m1.small"}


@dataclasses.dataclass
class Built:
    """A cluster of one master and three workers that is there, and what its changes cost."""

    pocket: Pocket
    cluster: Cluster
    changes: int = 0

    def grow(self, count: int) -> None:
        add_nodes(self.cluster, self.cluster.nodegroups[1], count, NOW)

    def leave(self, *nodes: Node) -> None:
        for node in nodes:
            node.is_leaving = True

    def look(self) -> Observation:
        pocket = self.pocket
        return clusters.driver().change_infrastructure(
            self.cluster, lambda: pocket.material(self.cluster), pocket.stacks, change=f"change-{self.changes}"
        )

    def change(self) -> Observation:
        """Take a change to its end."""
        self.changes += 1
        until(lambda: self.look().status is not InfrastructureStatus.BUILDING)
        seen = self.look()
        assert self.cluster.stack_id == seen.stack_id
        return seen

    def members(self) -> dict[str, str]:
        found: dict[str, str] = self.pocket.members(f"{name_of('k8s', self.cluster.uuid)}/{self.cluster.stack_id}")
        return found

    def wanted(self, seen: Observation) -> dict[str, str | None]:
        return {str(node.index): seen.nodes[node.uuid].server_id for node in self.cluster.workers}


@pytest.fixture
def built(pocket: Pocket) -> Iterator[Built]:
    cluster = clusters.a_cluster(SMALL, master_count=1, labels=LABELS)
    cluster.stack_id = build(pocket, cluster).stack_id
    yield Built(pocket, cluster)
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


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
