# SPDX-License-Identifier: Apache-2.0
"""magnum-auto-healer, as the cluster's own user: reading, reports of health, and the replacement of a broken worker."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from tests.system.cluster_user import session_of
from tests.system.go_client import ACCEPTED, GoClient, Refused
from tests.system.go_heat import GoHeat
from tests.system.go_models import Accepted, Cluster, NodeGroup, NodeGroups
from tests.system.house import House
from tests.system.processes import wait_until

TRUE = {"1", "t", "T", "TRUE", "true", "True"}
REPORTS = 30
SCALE_SECONDS = 120.0


class Healer:
    """What the auto-healer asks for on each of its rounds."""

    def __init__(self, house: House, cluster: str) -> None:
        session = session_of(house, cluster)
        self.magnum = GoClient(session, microversion="latest")
        self.nova = GoClient(session, "compute")
        self.heat = GoHeat(session)
        self.path = f"/clusters/{cluster}"

    def cluster(self) -> Cluster:
        return self.magnum.get(Cluster, self.path)

    def is_enabled(self) -> bool:
        """Say whether it would repair anything now."""
        cluster = self.cluster()
        if not cluster.status.endswith("_COMPLETE") or cluster.labels.get("auto_healing_enabled") not in TRUE:
            return False
        stack = self.heat.stack(self.heat.find(cluster.stack_id))
        return stack["stack_status"] not in ("UPDATE_IN_PROGRESS", "UPDATE_FAILED")

    def report(self, status: str, **reasons: str) -> str:
        """Report health as it does: the reason is JSON with other quotes."""
        told = {"updated_at": str(datetime.datetime.now(datetime.UTC)), **reasons}
        reason = json.dumps(told, separators=(",", ":")).replace('"', "'")
        changes = [("replace", "/health_status", status), ("replace", "/health_status_reason", reason)]
        return self.magnum.patch(Accepted, self.path, changes).uuid

    def group_at(self, address: str) -> NodeGroup:
        """Find the nodegroup of the node with this address."""
        listed = [one for page in self.magnum.pages(NodeGroups, f"{self.path}/nodegroups") for one in page.nodegroups]
        details = [self.magnum.get(NodeGroup, f"{self.path}/nodegroups/{one.uuid}") for one in listed]
        return next(one for one in details if address in one.node_addresses)

    def server(self, ident: str) -> dict[str, Any]:
        return dict(self.nova.call("GET", f"/servers/{ident}", (200,)).json()["server"])

    def act(self, server: str, action: dict[str, Any]) -> None:
        self.nova.call("POST", f"/servers/{server}/action", ACCEPTED, action)


@pytest.fixture(scope="module")
def healer(house: House, scaled: str) -> Healer:
    return Healer(house, scaled)


def test_it_is_enabled_by_a_label_and_a_stack_that_heat_knows(healer: Healer) -> None:
    assert healer.cluster().labels["auto_healing_enabled"] == "true"
    assert healer.is_enabled()


def test_reports_of_health_are_kept_and_never_touch_the_status(healer: Healer, house: House, scaled: str) -> None:
    before = healer.cluster()
    operations = _operations(house, scaled)

    answered, seen = [], set()
    for _ in range(REPORTS):
        answered.append(healer.report("HEALTHY", api="ok", nodes="ok"))
        seen.add(healer.cluster().status)
    after = healer.cluster()

    assert set(answered) == {scaled}
    assert seen == {before.status}
    assert after.health_status == "HEALTHY"
    assert after.health_status_reason.keys() == {"updated_at", "api", "nodes"}
    assert _operations(house, scaled) == operations


def test_a_broken_node_is_reported_by_its_check(healer: Healer) -> None:
    healer.report("UNHEALTHY", **{"k8s-worker-0.Endpoint": "error"})
    unhealthy = healer.cluster()
    healer.report("HEALTHY", api="ok", nodes="ok")

    assert unhealthy.health_status == "UNHEALTHY"
    assert unhealthy.health_status_reason["k8s-worker-0.Endpoint"] == "error"
    assert unhealthy.status.endswith("_COMPLETE")


def test_a_broken_worker_is_rebooted_then_stopped_and_replaced(healer: Healer) -> None:
    workers = healer.heat.workers_of(healer.group_at(healer.cluster().node_addresses[0]).stack_id)
    before = healer.heat.instances(workers)
    victim = str(before[0].server_id)
    address = next(one["addr"] for group in healer.server(victim)["addresses"].values() for one in group)
    healer.act(victim, {"reboot": {"type": "SOFT"}})
    attached = healer.nova.call("GET", f"/servers/{victim}/os-volume_attachments", (200,)).json()["volumeAttachments"]
    wait_until(lambda: healer.server(victim)["OS-EXT-STS:task_state"] is None, "the server is rebooted")
    healer.act(victim, {"os-stop": None})
    wait_until(lambda: healer.server(victim)["status"] == "SHUTOFF", "the server is stopped")

    group = healer.group_at(address)
    healer.magnum.resize(group.cluster_id, group.node_count, nodegroup=group.name, nodes_to_remove=[victim])
    wait_until(lambda: healer.cluster().status == "UPDATE_COMPLETE", "the worker is replaced", seconds=SCALE_SECONDS)

    after = healer.heat.instances(workers)
    assert isinstance(attached, list)
    assert len(after) == len(before)
    assert [one for one in after if one in before] == before[1:]
    assert int(after[-1].index) > int(before[-1].index)
    assert healer.is_enabled()
    with pytest.raises(Refused, match=victim):
        healer.server(victim)


def test_the_stack_of_every_server_is_found_two_levels_below_the_clusters(healer: Healer) -> None:
    stack = healer.heat.find(healer.cluster().stack_id)

    resources = healer.heat.resources(stack, "?nested_depth=2")

    servers = [one for one in resources if one["resource_type"] == "OS::Nova::Server"]
    parents = [link["href"].split("/") for one in servers for link in one["links"] if link["rel"] != "self"]
    assert len(servers) == len(parents) == healer.cluster().master_count + healer.cluster().node_count
    assert {healer.heat.find(parts[-1]).name for parts in parents} == {parts[-2] for parts in parents}


def test_it_may_not_do_more_to_the_cluster_than_it_needs(healer: Healer) -> None:
    codes = []
    for method, path in (("DELETE", healer.path), ("GET", "/clusters"), ("DELETE", f"{healer.path}/nodegroups/x")):
        with pytest.raises(Refused) as refused:
            healer.magnum.call(method, path, ())
        codes.append(refused.value.code)

    assert codes == [403, 403, 403]


def _operations(house: House, cluster: str) -> int:
    (row,) = house.query("SELECT COUNT(*) AS number FROM operation WHERE cluster_uuid = :uuid", uuid=cluster)
    return int(row.number)
