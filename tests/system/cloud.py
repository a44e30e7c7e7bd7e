# SPDX-License-Identifier: Apache-2.0
"""The cloud that system tests run on: its address, its users, and what only the pocket cloud can tell and do."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from keystoneauth1.identity import v3
from keystoneauth1.plugin import BaseAuthPlugin

from tests.servers import HOST, free_port
from tests.system.processes import Process, program

CALL_SECONDS = 30.0


@dataclasses.dataclass(frozen=True)
class Agent:
    """A node's agent that runs now, and where the node's simulated disk is."""

    pid: int
    node: str
    server_id: str
    root: Path


@dataclasses.dataclass(frozen=True)
class Cloud:
    """An OpenStack with the users ``admin``, ``demo``, ``reader`` and ``other``, all with one password.

    ``environment`` is what the openstack command needs. Another cloud than the pocket cloud lacks the control routes,
    and so the tests that switch faults on.
    """

    url: str
    password: str = "secret"
    region: str = "RegionOne"

    @property
    def auth_url(self) -> str:
        return f"{self.url}/identity/v3"

    @property
    def identity_url(self) -> str:
        """Give what an answer without a good token points at."""
        return f"{self.url}/identity"

    @property
    def labels(self) -> dict[str, str]:
        """Give what a small cluster wants here: an address of this machine for what is dialled."""
        return {"fixed_subnet_cidr": "127.32.0.0/16"}

    @property
    def build_seconds(self) -> float:
        """Give how long a cluster may take here."""
        return 150.0

    @property
    def template(self) -> dict[str, str]:
        """Give what a template has to name otherwise here than elsewhere."""
        return {}

    @property
    def unseen(self) -> frozenset[str]:
        """Name the kinds of things that ``leftovers`` cannot count here."""
        return frozenset()

    @property
    def public_prefix(self) -> str:
        """Give what every floating IP begins with."""
        return "127.24."

    def auth(self, user: str, project: str) -> BaseAuthPlugin:
        """Give the way in which a user logs in."""
        return v3.Password(
            auth_url=self.auth_url,
            username=user,
            password=self.password,
            project_name=project,
            user_domain_id="default",
            project_domain_id="default",
        )

    def environment(self, user: str, project: str) -> dict[str, str]:
        return {
            "OS_AUTH_URL": self.auth_url,
            "OS_USERNAME": user,
            "OS_PASSWORD": self.password,
            "OS_PROJECT_NAME": project,
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_REGION_NAME": self.region,
            "OS_IDENTITY_API_VERSION": "3",
        }

    def is_healthy(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.url}/pocket/health", timeout=CALL_SECONDS).ok
        return False

    def leftovers(self) -> dict[str, int]:
        """Count by kind what is there beyond what the cloud came with."""
        found: dict[str, int] = self._get("leftovers")["leftovers"]
        return found

    def agents(self) -> dict[str, Agent]:
        """Give the agents that run now, by their nodes' names."""
        rows = self._get("agents")["agents"]
        return {row["node"]: Agent(row["pid"], row["node"], row["server_id"], Path(row["root"])) for row in rows}

    @contextlib.contextmanager
    def fault(self, service: str, kind: str, **rest: Any) -> Iterator[str]:
        """Switch a fault on for the length of a block; give its ID."""
        answer = requests.post(
            f"{self.url}/pocket/faults", json={"service": service, "kind": kind, **rest}, timeout=CALL_SECONDS
        )
        assert answer.status_code == 201, answer.text
        ident: str = answer.json()["fault"]["id"]
        try:
            yield ident
        finally:
            requests.delete(f"{self.url}/pocket/faults/{ident}", timeout=CALL_SECONDS).raise_for_status()

    def hits(self, fault: str) -> int:
        """Say how many calls a fault has hit."""
        return next(int(one["hits"]) for one in self._get("faults")["faults"] if one["id"] == fault)

    def _get(self, what: str) -> Any:
        answer = requests.get(f"{self.url}/pocket/{what}", timeout=CALL_SECONDS)
        answer.raise_for_status()
        return answer.json()


@contextlib.contextmanager
def pocket(folder: Path, *, magnum_url: str) -> Iterator[Cloud]:
    """Run a pocket cloud of its own, and end it with every agent in it."""
    port = free_port()
    command = [program("magnum-lite-pocketcloud"), "--end-with-stdin", "--port", str(port)]
    command += ["--state-dir", str(folder / "cloud"), "--magnum-url", magnum_url]
    cloud = Cloud(f"http://{HOST}:{port}")
    process = Process(command, folder / "pocketcloud.txt")
    try:
        process.wait_for(cloud.is_healthy)
        yield cloud
    finally:
        process.stop()
