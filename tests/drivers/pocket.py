# SPDX-License-Identifier: Apache-2.0
"""A pocket cloud to build stacks in, over HTTP with the real client."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from keystoneauth1 import session
from keystoneauth1.identity import v3

from magnum_lite.drivers.base import InfrastructureStatus, Material, NotYet, Observation
from magnum_lite.heat.stacks import Stacks
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

    def members(self, stack: str) -> dict[str, Any]:
        """Give what ``refs_map`` says of a stack's workers, after looking whether the members agree with it."""
        top = self.get("orchestration", f"/stacks/{stack}/resources")["resources"]
        group = next(one["physical_resource_id"] for one in top if one["resource_name"] == "kube_minions")
        found = self.get("orchestration", f"/stacks/{group}")["stack"]
        inside = f"/stacks/{found['stack_name']}/{group}/resources"
        listed = self.get("orchestration", inside)["resources"]
        outputs = {one["output_key"]: one["output_value"] for one in found["outputs"]}
        refs: dict[str, Any] = outputs["refs_map"]
        assert {one["resource_name"] for one in listed} == set(refs)
        for member in listed:
            self._check_member(member["physical_resource_id"], refs[member["resource_name"]])
        return refs

    def _check_member(self, stack: str, server: str) -> None:
        """See that other software finds the server where it looks for it."""
        found = self.get("orchestration", f"/stacks/{stack}")["stack"]
        inside = self.get("orchestration", f"/stacks/{found['stack_name']}/{stack}/resources")["resources"]
        names = {one["resource_name"]: one["physical_resource_id"] for one in inside}
        assert names["kube-minion"] == server
        assert "node_config_deployment" in names

    def fault(self, **fault: Any) -> None:
        """Switch a fault on."""
        requests.post(f"{self.url}/pocket/faults", json=fault, timeout=10).raise_for_status()

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
