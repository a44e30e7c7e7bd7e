# SPDX-License-Identifier: Apache-2.0
"""The templates we ship, parsed and built by a Heat: the pocket cloud's, over HTTP with the real client."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from keystoneauth1 import session
from keystoneauth1.identity import v3

from magnum_lite.drivers.base import InfrastructureStatus, Material, NotYet, Observation
from magnum_lite.errors import StackFailed
from magnum_lite.heat import ignition
from magnum_lite.heat.stacks import Stacks, name_of
from magnum_lite.model import Cluster
from magnum_lite.pocketcloud.cloud import Settings
from magnum_lite.pocketcloud.server import PocketCloud, free_port
from tests.drivers import clusters

SECONDS = 30.0
LABELS = {"fixed_subnet_cidr": clusters.SUBNET}


class Pocket:
    """A pocket cloud without agents, as people of the project ``demo`` see it."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.server = PocketCloud(Settings(url=self.url, state_dir=folder, run_agents=False), port)
        self.member, self.admin = self._session("demo"), self._session("admin")
        self.stacks = Stacks(self.member)
        self.before = self.resources()

    def _session(self, user: str) -> session.Session:
        auth = v3.Password(
            f"{self.url}/identity/v3",
            username=user,
            password="secret",
            user_domain_id="default",
            project_name="demo",
            project_domain_id="default",
        )
        return session.Session(auth=auth, timeout=10)

    def get(self, service: str, path: str) -> Any:
        return self.member.get(path, endpoint_filter={"service_type": service}).json()

    def material(self, cluster: Cluster) -> Material:
        """The world as it is here, with the networks that the cluster's rows name."""
        fixed = self._network(cluster.fixed_network) if cluster.fixed_network else None
        subnet = self.get("network", f"/v2.0/subnets/{fixed['subnets'][0]}")["subnet"] if fixed else None
        return Material(
            api_url="http://127.0.0.1:9511/v1",
            node_tokens={node.uuid: f"token-of-{node.name}" for node in cluster.nodes},
            external_network=self._network("public")["id"],
            fixed_network=fixed["id"] if fixed else None,
            fixed_subnet=subnet["id"] if subnet else None,
            fixed_subnet_cidr=subnet["cidr"] if subnet else None,
        )

    def _network(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get("network", f"/v2.0/networks?name={name}")["networks"][0]
        return found

    def user_data(self, server: str | None) -> dict[str, Any]:
        """Give what a server boots with, as Nova shows it to an administrator."""
        path, headers = f"/servers/{server}", {"OpenStack-API-Version": "compute 2.96"}
        shown = self.admin.get(path, endpoint_filter={"service_type": "compute"}, headers=headers).json()["server"]
        found: dict[str, Any] = json.loads(base64.b64decode(shown["OS-EXT-SRV-ATTR:user_data"]))
        return found

    def signal(self, first_master: str | None) -> None:
        """Tell Heat that the control plane is up, as the first master's agent does."""
        boot = {one["path"]: one["contents"]["source"] for one in self.user_data(first_master)["storage"]["files"]}
        url, token = (boot[f"/etc/magnum-lite/signal/{name}"].removeprefix("data:,") for name in ("url", "token"))
        told = {"status": "SUCCESS", "reason": "up", "data": "", "id": "first"}
        requests.post(url, json=told, headers={"X-Auth-Token": token}, timeout=10).raise_for_status()

    def resources(self) -> dict[str, int]:
        """Count what a project pays for."""
        listed = (
            ("network", "/v2.0/networks", "networks"),
            ("network", "/v2.0/ports", "ports"),
            ("network", "/v2.0/routers", "routers"),
            ("network", "/v2.0/security-groups", "security_groups"),
            ("network", "/v2.0/floatingips", "floatingips"),
            ("compute", "/servers", "servers"),
            ("compute", "/os-server-groups", "server_groups"),
            ("block-storage", "/volumes", "volumes"),
            ("load-balancer", "/v2.0/lbaas/loadbalancers", "loadbalancers"),
        )
        return {kind: len(self.get(service, path)[kind]) for service, path, kind in listed}

    def made(self) -> dict[str, int]:
        return {kind: count - self.before[kind] for kind, count in self.resources().items()}


def until(true: Callable[[], bool]) -> None:
    """Look again, for a bounded time: the pocket cloud is another party, as Heat is."""
    deadline, pause = time.monotonic() + SECONDS, threading.Event()
    while not true():
        assert time.monotonic() < deadline
        pause.wait(0.05)


@pytest.fixture
def pocket(tmp_path: Path) -> Iterator[Pocket]:
    found = Pocket(tmp_path)
    yield found
    found.server.stop()


def build(pocket: Pocket, cluster: Cluster) -> Observation:
    """Have the stack built until every server is known, then signal; give the last look."""
    driver, material = clusters.driver(), pocket.material(cluster)
    driver.ensure_infrastructure(cluster, material, pocket.stacks)

    def servers_are_known() -> bool:
        seen = driver.observe(cluster, pocket.stacks)
        assert seen.status is InfrastructureStatus.BUILDING, seen.reason
        return all(one.server_id for one in seen.nodes.values())

    until(servers_are_known)
    pocket.signal(driver.observe(cluster, pocket.stacks).nodes[cluster.masters[0].uuid].server_id)
    until(lambda: driver.observe(cluster, pocket.stacks).status is InfrastructureStatus.COMPLETE)
    return driver.observe(cluster, pocket.stacks)


def remove(pocket: Pocket, cluster: Cluster) -> None:
    def is_gone() -> bool:
        try:
            clusters.driver().remove_infrastructure(cluster, pocket.stacks)
        except NotYet:
            return False
        return True

    until(is_gone)


def nothing_is_left(pocket: Pocket) -> bool:
    return set(pocket.made().values()) == {0}


def test_three_masters_and_three_workers_are_built_and_leave_nothing_behind(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.small", "master_flavor_id": "m1.medium"}, labels=LABELS)

    seen = build(pocket, cluster)

    made = pocket.made()
    assert (made["servers"], made["floatingips"], made["security_groups"], made["loadbalancers"]) == (6, 7, 3, 1)
    assert (made["networks"], made["routers"], made["server_groups"], made["volumes"]) == (1, 1, 2, 0)
    assert len({one.address for one in seen.nodes.values()}) == 6
    assert all(str(one.address).startswith("127.32.") for one in seen.nodes.values())
    assert str(seen.api_address).startswith("https://127.24.")
    assert str(seen.internal_api_address).startswith("https://127.32.")
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


def test_other_software_finds_members_and_servers_as_it_does_with_magnum(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.small", "master_flavor_id": "m1.small"}, labels=LABELS)
    seen = build(pocket, cluster)

    top = pocket.get("orchestration", f"/stacks/{name_of('k8s', cluster.uuid)}/{seen.stack_id}/resources")["resources"]
    group = next(one["physical_resource_id"] for one in top if one["resource_name"] == "kube_minions")
    stack = pocket.get("orchestration", f"/stacks/{group}")["stack"]
    outputs = {one["output_key"]: one["output_value"] for one in stack["outputs"]}
    members = pocket.get("orchestration", f"/stacks/{stack['stack_name']}/{group}/resources")["resources"]

    workers = {str(node.index): seen.nodes[node.uuid].server_id for node in cluster.workers}
    assert outputs["refs_map"] == workers
    assert sorted(one["resource_name"] for one in members) == ["0", "1", "2"]
    member = members[0]["physical_resource_id"]
    found = pocket.get("orchestration", f"/stacks/{member}")["stack"]
    inside = pocket.get("orchestration", f"/stacks/{found['stack_name']}/{member}/resources")["resources"]
    assert {"kube-minion", "node_config_deployment"} <= {one["resource_name"] for one in inside}


def test_an_existing_network_is_used_and_stays(pocket: Pocket) -> None:
    template = {
        "fixed_network": "private",
        "fixed_subnet": "private-subnet",
        "flavor_id": "m1.small",
        "master_flavor_id": "m1.small",
        "master_lb_enabled": False,
        "floating_ip_enabled": False,
    }
    cluster = clusters.a_cluster(template, master_count=1, node_count=1)

    seen = build(pocket, cluster)

    made = pocket.made()
    assert (made["networks"], made["routers"], made["floatingips"], made["loadbalancers"]) == (0, 0, 0, 0)
    assert seen.api_address == seen.internal_api_address
    assert seen.api_address == f"https://{seen.nodes[cluster.masters[0].uuid].address}:6443"
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


def test_volumes_are_made_of_the_type_that_is_asked_for_and_nodes_are_told(pocket: Pocket) -> None:
    template = {"flavor_id": "m1.small", "master_flavor_id": "m1.small", "docker_volume_size": 7}
    labels = {"boot_volume_size": "10", "boot_volume_type": "encrypted", "etcd_volume_size": "5"}
    cluster = clusters.a_cluster(template, master_count=1, node_count=1, labels={**LABELS, **labels})

    seen = build(pocket, cluster)

    volumes = pocket.get("block-storage", "/volumes/detail")["volumes"]
    assert sorted((one["size"], one["volume_type"]) for one in volumes if one["size"] == 10) == [(10, "encrypted")] * 2
    assert sorted(one["size"] for one in volumes) == [5, 7, 7, 10, 10]
    laid = {
        one["path"]: one["contents"]["source"]
        for one in pocket.user_data(seen.nodes[cluster.masters[0].uuid].server_id)["storage"]["files"]
    }
    etcd = next(one["id"] for one in volumes if one["size"] == 5)
    assert laid["/etc/magnum-lite/volumes/etcd"] == f"data:,{etcd}"
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


def test_a_server_boots_with_json_that_holds_its_own_secrets_and_what_all_share(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.small", "master_flavor_id": "m1.small"}, labels=LABELS)
    seen = build(pocket, cluster)
    worker = cluster.workers[1]

    told = pocket.user_data(seen.nodes[worker.uuid].server_id)

    laid = {one["path"]: one["contents"]["source"] for one in told["storage"]["files"]}
    own = json.loads(base64.b64decode(laid["/etc/magnum-lite/node.json"].removeprefix(ignition.MEDIA)))
    assert own == {"node": worker.uuid, "name": worker.name, "token": f"token-of-{worker.name}"}
    assert "/etc/magnum-lite/signal/token" not in laid
    shared = ignition.unpacked(told["ignition"]["config"]["merge"][0]["source"])
    assert "/etc/magnum-lite/cluster.json" in str(shared)


def test_a_server_that_cannot_be_made_is_named_with_its_cause(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.small", "master_flavor_id": "m1.small"}, labels=LABELS)
    fault = {
        "service": "nova",
        "operation": "create_server",
        "kind": "server-error",
        "message": "No valid host was found",
        "count": 1,
        "match": {"name": cluster.masters[1].name},
    }
    requests.post(f"{pocket.url}/pocket/faults", json=fault, timeout=10).raise_for_status()
    driver = clusters.driver()
    driver.ensure_infrastructure(cluster, pocket.material(cluster), pocket.stacks)

    until(lambda: driver.observe(cluster, pocket.stacks).status is InfrastructureStatus.FAILED)

    reason = driver.observe(cluster, pocket.stacks).reason
    assert "OS::Nova::Server kube_masters/1/kube-master failed: " in reason
    assert "No valid host was found" in reason
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


def test_a_flavor_that_is_not_there_is_refused_at_once(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.none", "master_flavor_id": "m1.small"}, labels=LABELS)

    with pytest.raises(StackFailed, match=r"m1\.none"):
        clusters.driver().ensure_infrastructure(cluster, pocket.material(cluster), pocket.stacks)
    assert nothing_is_left(pocket)
