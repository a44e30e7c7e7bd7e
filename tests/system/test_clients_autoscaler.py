# SPDX-License-Identifier: Apache-2.0
"""The cluster autoscaler's magnum provider, as the cluster's own user: reading, growing, shrinking, a full quota."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from keystoneauth1.session import Session

from tests.system.cluster_user import session_of
from tests.system.go_client import GoClient
from tests.system.go_heat import GoHeat, Instance
from tests.system.go_models import Cluster, NodeGroup, NodeGroups
from tests.system.house import POCKET_ALONE, House
from tests.system.processes import wait_until

SCALE_SECONDS = 120.0
ROLES = ("worker",)


@dataclass(frozen=True)
class Autoscaler:
    """What the provider knows of a cluster after its start, and the calls it makes."""

    magnum: GoClient
    nova: GoClient
    heat: GoHeat
    cluster: str
    name: str = "default-worker"

    @classmethod
    def of(cls, session: Session, name: str) -> Autoscaler:
        magnum = GoClient(session, microversion="latest")
        cluster = magnum.get(Cluster, f"/clusters/{name}").uuid
        return cls(magnum, GoClient(session, "compute"), GoHeat(session), cluster)

    def discover(self) -> list[NodeGroup]:
        """Find the nodegroups that are to be scaled: a list that is short on details, then one after the other."""
        path = f"/clusters/{self.cluster}/nodegroups"
        listed = [one for page in self.magnum.pages(NodeGroups, path) for one in page.nodegroups]
        details = [self.magnum.get(NodeGroup, f"{path}/{one.uuid}") for one in listed if one.role != "master"]
        return [one for one in details if one.max_node_count is not None and one.role in ROLES]

    def group(self) -> NodeGroup:
        """Give the nodegroup that this is about."""
        (group,) = [one for one in self.discover() if one.name == self.name]
        return group

    def nodes(self) -> list[Instance]:
        return self.heat.instances(self.heat.workers_of(self.group().stack_id))

    def increase(self, by: int) -> None:
        group = self.group()
        self.magnum.resize(self.cluster, group.node_count + by, nodegroup=group.uuid)

    def delete(self, *nodes: str) -> None:
        group = self.group()
        count = group.node_count - len(nodes)
        self.magnum.resize(self.cluster, count, nodegroup=group.uuid, nodes_to_remove=list(nodes))

    def wait_for(self, count: int, newest: str = "running") -> list[Instance]:
        """Look until there are so many nodes, the newest in this state, and the nodegroup is at rest; give the nodes.

        When Heat fails to make one node it stops what it does to the others, which then show as failed too until the
        next change; so only of a change that succeeds is the state of all nodes known.
        """

        def is_there() -> bool:
            at_rest = self.group().status.endswith(("_COMPLETE", "_FAILED"))
            states = [one.state for one in self.nodes()]
            others = {"running"} if newest == "running" else {"running", "failed"}
            return at_rest and len(states) == count and states[-1] == newest and set(states[:-1]) <= others

        wait_until(is_there, f"{count} nodes, the newest {newest}", seconds=SCALE_SECONDS)
        return self.nodes()


@pytest.fixture(scope="module")
def autoscaler(house: House, scaled: str) -> Iterator[Autoscaler]:
    yield Autoscaler.of(session_of(house, scaled), "scaled")


def test_the_catalog_has_the_entries_it_looks_for(autoscaler: Autoscaler, house: House, scaled: str) -> None:
    session = session_of(house, scaled)
    access = session.auth.get_access(session)

    entries = {(one["type"], one["name"]) for one in access.service_catalog.catalog}

    assert entries >= {("container-infra", "magnum"), ("orchestration", "heat"), ("compute", "nova")}
    assert autoscaler.magnum.url.endswith("/v1")


def test_a_group_is_discovered_with_its_bounds_its_flavor_and_its_nodes(autoscaler: Autoscaler) -> None:
    (group,) = autoscaler.discover()
    flavor = autoscaler.nova.call("GET", f"/flavors/{group.flavor_id}", (200,)).json()["flavor"]
    nodes = autoscaler.nodes()

    assert (group.name, group.min_node_count, group.max_node_count) == ("default-worker", 1, 5)
    assert (flavor["name"], flavor["vcpus"]) == ("m1.small", 1)
    assert [one.state for one in nodes] == ["running"] * group.node_count
    assert all(one.server_id for one in nodes)


def test_another_node_comes_and_the_others_stay_what_they_are(autoscaler: Autoscaler) -> None:
    before = autoscaler.nodes()

    autoscaler.increase(1)
    after = autoscaler.wait_for(len(before) + 1)

    assert after[:-1] == before
    assert after[-1].server_id not in {one.server_id for one in before}


def test_only_the_named_node_goes_and_its_index_never_comes_back(autoscaler: Autoscaler) -> None:
    before = autoscaler.nodes()
    victim, staying = before[0], before[1:]

    autoscaler.delete(str(victim.server_id).upper())
    after = autoscaler.wait_for(len(staying))
    autoscaler.increase(1)
    grown = autoscaler.wait_for(len(before))

    assert after == staying
    assert grown[:-1] == staying
    assert int(grown[-1].index) > max(int(one.index) for one in before)


@POCKET_ALONE
def test_a_node_that_a_full_quota_keeps_away_is_removed_by_its_index(autoscaler: Autoscaler, house: House) -> None:
    before = autoscaler.nodes()

    with house.cloud.fault("nova", "quota", operation="create_server"):
        autoscaler.increase(1)
        failed = autoscaler.wait_for(len(before) + 1, "out of resources")
        autoscaler.delete(failed[-1].index)
        after = autoscaler.wait_for(len(before))

    assert "quota" in failed[-1].reason.lower()
    assert after == before
    assert autoscaler.group().node_count == len(before)


def test_a_second_request_is_taken_while_the_first_is_under_way(autoscaler: Autoscaler) -> None:
    before = autoscaler.nodes()

    autoscaler.increase(1)
    status = autoscaler.group().status
    autoscaler.delete(before[0].index)
    after = autoscaler.wait_for(len(before))

    assert status == "UPDATE_IN_PROGRESS"
    assert after[:-1] == before[1:]


def test_a_further_group_is_discovered_and_scaled_in_a_stack_of_its_own(
    autoscaler: Autoscaler, house: House, scaled: str
) -> None:
    user, further = house.user(), replace(autoscaler, name="further")
    wish = {"name": "further", "node_count": 1, "min_node_count": 0, "max_node_count": 3, "flavor_id": "m1.medium"}
    user.call("POST", f"/clusters/{scaled}/nodegroups", wish).raise_for_status()
    user.wait_for(scaled, "UPDATE_COMPLETE")
    before, others = further.nodes(), autoscaler.nodes()

    further.increase(1)
    grown = further.wait_for(2)
    further.delete(str(before[0].server_id))
    shrunk = further.wait_for(1)
    stacks = {one.name: one.stack_id for one in autoscaler.discover()}
    user.call("DELETE", f"/clusters/{scaled}/nodegroups/further").raise_for_status()
    user.wait_for(scaled, "UPDATE_COMPLETE")

    assert grown[:1] == before
    assert shrunk == grown[1:]
    assert len(set(stacks.values())) == 2
    assert autoscaler.nodes() == others
    assert [one.name for one in autoscaler.discover()] == ["default-worker"]
