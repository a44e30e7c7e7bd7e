# SPDX-License-Identifier: Apache-2.0
"""What the cluster autoscaler and the auto-healer ask of Heat, and what they make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keystoneauth1.session import Session

from tests.system.go_client import GoClient

NO_SERVER_YET = "kube-minion"


@dataclass(frozen=True)
class Instance:
    """A node as the autoscaler counts it: by its server's ID, or by its index while it has none."""

    index: str
    server_id: str | None
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Place:
    """A stack, by its name and ID."""

    name: str
    id: str

    @property
    def path(self) -> str:
        return f"/stacks/{self.name}/{self.id}"


class GoHeat:
    """Heat as one user sees it."""

    def __init__(self, session: Session) -> None:
        self._client = GoClient(session, "orchestration")

    def find(self, stack_id: str) -> Place:
        """Find a stack of which only the ID is known: Heat leads to the one with its name."""
        answer = self._client.call("GET", f"/stacks/{stack_id}", (200,))
        assert [one.status_code for one in answer.history] == [302]
        return Place(answer.json()["stack"]["stack_name"], stack_id)

    def stack(self, place: Place) -> dict[str, Any]:
        return dict(self._client.call("GET", place.path, (200,)).json()["stack"])

    def resources(self, place: Place, query: str = "") -> list[dict[str, Any]]:
        return list(self._client.call("GET", f"{place.path}/resources{query}", (200,)).json()["resources"])

    def workers_of(self, stack_id: str) -> Place:
        """Find the stack of a nodegroup's workers, which is a resource of a fixed name."""
        found = self._client.call("GET", f"{self.find(stack_id).path}/resources/kube_minions", (200,))
        return self.find(found.json()["resource"]["physical_resource_id"])

    def instances(self, workers: Place) -> list[Instance]:
        """Read which nodes there are and how they do."""
        members = self.resources(workers)
        outputs = self.stack(workers)["outputs"]
        servers: dict[str, str] = next(one["output_value"] for one in outputs if one["output_key"] == "refs_map")
        found = [self._instance(member, servers.get(member["resource_name"])) for member in members]
        return sorted((one for one in found if one is not None), key=lambda one: int(one.index))

    def _instance(self, member: dict[str, Any], server: str | None) -> Instance | None:
        index, status = str(member["resource_name"]), str(member["resource_status"])
        known = None if server in (None, NO_SERVER_YET, index) else server
        reason = str(member["resource_status_reason"])
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return Instance(index, known, "running")
        if status in ("CREATE_FAILED", "UPDATE_FAILED"):
            return Instance(index, None, "out of resources" if "quota" in reason.lower() else "failed", reason)
        if status in ("INIT_COMPLETE", "CREATE_IN_PROGRESS"):
            return Instance(index, None, "creating")
        if status == "UPDATE_IN_PROGRESS":
            is_made = known is not None and self._is_made(str(member["physical_resource_id"]))
            return Instance(index, known, "running" if is_made else "creating")
        if status == "DELETE_IN_PROGRESS":
            return Instance(index, known, "deleting") if known else None
        return None

    def _is_made(self, member: str) -> bool:
        """Say whether a node whose stack is updated was there before."""
        resources = self._client.call("GET", f"/stacks/{member}/resources", (200,)).json()["resources"]
        parts = {one["resource_name"]: one["resource_status"] for one in resources}
        return {parts.get("kube-minion"), parts.get("node_config_deployment")} == {"CREATE_COMPLETE"}
