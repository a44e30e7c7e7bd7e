# SPDX-License-Identifier: Apache-2.0
"""A real OpenStack that system tests run on: devcloud, as its state.json tells of it."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import json
import subprocess
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from tests.system.cloud import CALL_SECONDS, Agent, Cloud
from tests.system.processes import of_an_installer

if TYPE_CHECKING:
    from openstack.connection import Connection

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS = 600.0
BUILD_SECONDS = 600.0
OURS = ("magnum-lite-api", "magnum-lite-conductor")


@dataclasses.dataclass(frozen=True)
class RealCloud(Cloud):
    """An OpenStack whose services are those of others; nobody can have it fail at will but by ending them."""

    folder: Path = Path()
    state: dict[str, Any] = dataclasses.field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, folder: Path) -> RealCloud:
        """Read where the devcloud in this folder is."""
        state = json.loads((folder / "state.json").read_text())
        return cls(state["urls"]["keystone"], state["password"], state["region"], folder, state)

    @property
    def auth_url(self) -> str:
        return str(self.state["auth_url"])

    @property
    def identity_url(self) -> str:
        return self.auth_url

    @property
    def labels(self) -> dict[str, str]:
        """Neutron has no subnet of loopback addresses with DHCP, and nobody dials a node."""
        return {}

    @property
    def build_seconds(self) -> float:
        return BUILD_SECONDS

    def is_healthy(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(self.auth_url, timeout=CALL_SECONDS).ok
        return False

    def leftovers(self) -> dict[str, int]:
        """Count by kind all that there is in all projects; kinds without any are left out."""
        return dict(collections.Counter(kind for kind, _ in self.everything()))

    def everything(self) -> set[tuple[str, str]]:
        """Give the kind and the ID of all that a cluster could leave, whoever's it is."""
        with quiet_sdk():
            admin = self.connection()
            found = {(kind, str(one.id)) for kind, rows in kinds(admin, everywhere=True).items() for one in rows}
            found |= {("user", str(one.id)) for one in _domain_users(admin)}
            found |= {
                ("secret", str(one.id)) for who in _KEEPERS for one in self.connection(*who).key_manager.secrets()
            }
        return found | {("node", agent.server_id) for agent in self.agents().values()}

    def agents(self) -> dict[str, Agent]:
        path = self.folder / "nodes" / "agents.json"
        rows = json.loads(path.read_text())["agents"] if path.exists() else []
        return {row["node"]: Agent(row["pid"], row["node"], row["server_id"], Path(row["root"])) for row in rows}

    @contextlib.contextmanager
    def fault(self, service: str, kind: str, **rest: Any) -> Iterator[str]:
        raise NotImplementedError(f"nobody can switch a fault {kind!r} of {service} on in a real cloud")
        yield ""

    def hits(self, fault: str) -> int:
        raise NotImplementedError

    def connection(self, user: str = "admin", project: str | None = None) -> Connection:
        """Give the SDK of a user."""
        with quiet_sdk():
            return _connection(self.auth_url, user, self.password, project or user, self.region)

    @contextlib.contextmanager
    def configured(self, more: str) -> Iterator[None]:
        """Have our services run with more configuration until the end of the block."""
        path = self.folder / "etc" / "magnum_lite" / "magnum_lite.conf"
        before = path.read_text()
        try:
            path.write_text(f"{before}\n{more}")
            self._restart_ours()
            yield
        finally:
            path.write_text(before)
            self._restart_ours()

    def _restart_ours(self) -> None:
        self.command("stop", *OURS)
        self.command("start", *OURS)

    def command(self, *words: str) -> None:
        """Run tools/devcloud on this cloud."""
        run(self.folder, *words)


def run(folder: Path, *words: str) -> None:
    """Run tools/devcloud on a folder, and fail with what it says when it fails."""
    command = [str(ROOT / "tools/devcloud"), "--folder", str(folder), *words]
    done = subprocess.run(
        command, env=of_an_installer(), capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout[-1000:]}{done.stderr[-3000:]}"


@contextlib.contextmanager
def quiet_sdk() -> Iterator[None]:
    """Let the SDK not warn of what its own parts call of each other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@functools.cache
def _connection(auth_url: str, user: str, password: str, project: str, region: str) -> Connection:
    # Loading the SDK takes half a second, which runs without devcloud can do without.
    import openstack

    return openstack.connect(
        auth_url=auth_url,
        username=user,
        password=password,
        project_name=project,
        user_domain_name="Default",
        project_domain_name="Default",
        region_name=region,
    )


def _domain_users(admin: Connection) -> list[Any]:
    domain = admin.identity.find_domain("magnum")
    return [] if domain is None else list(admin.identity.users(domain_id=domain.id))


# Barbican tells nobody of what other projects have; the last one is ours.
_KEEPERS = (("admin", "admin"), ("demo", "demo"), ("magnum", "service"))


def kinds(sdk: Connection, *, everywhere: bool) -> dict[str, Iterable[Any]]:
    """List by kind what a cluster can leave in the user's project, or everywhere, as an administrator sees it."""
    all_projects = {"all_projects": True} if everywhere else {}
    mine = {} if everywhere else {"project_id": sdk.current_project_id}
    return {
        "server": sdk.compute.servers(details=False, **all_projects),
        "server_group": sdk.compute.server_groups(**all_projects),
        "volume": sdk.block_storage.volumes(details=False, **all_projects),
        "port": sdk.network.ports(**mine),
        "network": sdk.network.networks(**mine),
        "subnet": sdk.network.subnets(**mine),
        "router": sdk.network.routers(**mine),
        "security_group": [one for one in sdk.network.security_groups(**mine) if one.name != "default"],
        "floatingip": sdk.network.ips(**mine),
        "loadbalancer": sdk.load_balancer.load_balancers(**mine),
        "stack": sdk.orchestration.stacks(**({"global_tenant": True} if everywhere else {})),
    }
