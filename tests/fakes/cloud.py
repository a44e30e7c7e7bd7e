# SPDX-License-Identifier: Apache-2.0
"""A cloud and a driver in memory, for tests of plans: every call is counted, and can be made to fail."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from magnum_lite.clouds.keystone import User
from magnum_lite.drivers.base import (
    Change,
    CloudAccess,
    CloudNeeds,
    CloudNetworks,
    Feature,
    InfrastructureStatus,
    Material,
    NodeObservation,
    NodeSecrets,
    NotYet,
    Observation,
    Removal,
    Stacks,
    Strays,
)
from magnum_lite.errors import NotFound
from magnum_lite.model import Cluster, Node
from magnum_lite.nodeconf import NodeDocument


@dataclass
class FakeWorld:
    """What exists outside: users by name, stacks by cluster; ``errors`` are raised once each, by call.

    ``servers`` maps a cluster to its servers' IDs by node, ``changes`` to the change that its stack was told of last.
    """

    users: dict[str, str] = field(default_factory=dict)
    grants: dict[str, set[str]] = field(default_factory=dict)
    stacks: dict[str, InfrastructureStatus] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    errors: dict[str, list[Exception]] = field(default_factory=dict)
    reason: str = ""
    servers: dict[str, dict[str, str]] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    looks_until_complete: int = 0
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    gone_projects: set[str] = field(default_factory=set)
    gone_trusts: set[str] = field(default_factory=set)
    is_passing: bool = False

    def called(self, name: str) -> None:
        self.calls[name] += 1
        if self.errors.get(name):
            raise self.errors[name].pop(0)


class FakeClouds:
    """The ``Clouds`` of a conductor."""

    def __init__(self, world: FakeWorld) -> None:
        self.world = world

    def ensure_user(self, name: str, password: str) -> User:
        self.world.called("ensure_user")
        is_changed = self.world.users.get(name, password) != password
        self.world.users[name] = password
        return User(f"id-of-{name}", is_changed)

    def grant(self, user_id: str, project_id: str, roles: Sequence[str]) -> None:
        self.world.called("grant")
        self.world.grants.setdefault(user_id, set()).update(roles)

    def has_trust(self, trust_id: str) -> bool:
        return trust_id not in self.world.gone_trusts

    def has_project(self, project_id: str) -> bool:
        return project_id not in self.world.gone_projects

    def remove_user(self, name: str) -> None:
        self.world.called("remove_user")
        self.world.users.pop(name, None)
        self.world.grants.pop(f"id-of-{name}", None)

    def stacks(self, cluster: Cluster, password: str) -> Stacks:
        assert password in self.world.users.values()
        return None  # type: ignore[return-value]

    def remove_strays(self, cluster: Cluster, password: str, strays: Strays) -> list[str]:
        self.world.called("remove_strays")
        return ["port p"]

    def material(self, cluster: Cluster, password: str, node_tokens: dict[str, str]) -> Material:
        self.world.called("material")
        return Material(api_url="http://127.0.0.1:9511/v1", node_tokens=node_tokens)

    def access(self, cluster: Cluster, password: str) -> CloudAccess:
        self.world.called("access")
        return CloudAccess(
            auth_url="http://127.0.0.1:5000/v3",
            user_id=cluster.cluster_user_id or "",
            password=password,
            project_id=cluster.project_id,
            magnum_url="http://127.0.0.1:9511/v1",
        )

    def networks(self, cluster: Cluster, password: str) -> CloudNetworks:
        self.world.called("networks")
        return CloudNetworks("external-network", "subnet")

    def volume_types(self, cluster: Cluster, password: str) -> tuple[str, ...]:
        self.world.called("volume_types")
        return ("fast",)

    def forget(self, cluster_uuid: str) -> None:
        self.world.called("forget")


class FakeDriver:
    """A driver whose stacks need as many looks as the world says until they are complete.

    ``needs`` are those of the first master; ``secrets`` are what documents were made with, by node.
    """

    nodes_report = True
    features = frozenset({Feature.RESIZE, Feature.NODEGROUPS})

    def __init__(self, world: FakeWorld) -> None:
        self.world = world
        self.looks: Counter[str] = Counter()
        self.needs = CloudNeeds()
        self.secrets: dict[str, NodeSecrets] = {}

    def ensure_infrastructure(self, cluster: Cluster, material: Material, stacks: Stacks) -> Observation:
        self.world.called("ensure_infrastructure")
        self.world.stacks.setdefault(cluster.uuid, InfrastructureStatus.BUILDING)
        self.world.tokens.setdefault(cluster.uuid, dict(material.node_tokens))
        self.world.servers.setdefault(cluster.uuid, self._servers(cluster))
        return self.observe(cluster, stacks)

    def change_infrastructure(
        self, cluster: Cluster, material: Callable[[], Material], stacks: Stacks, *, change: Change
    ) -> Observation:
        self.world.called("change_infrastructure")
        uuid, wanted, seen = cluster.uuid, self._servers(cluster), self.observe(cluster, stacks)
        if seen.status is InfrastructureStatus.BUILDING and change.silent_since is not None:
            self.world.called("tell again")
        is_told = self.world.changes.get(uuid, "").startswith(change.ident)
        failed_before = seen.status is InfrastructureStatus.FAILED and not is_told
        is_at_rest = seen.status in (InfrastructureStatus.COMPLETE, InfrastructureStatus.FAILED)
        if not is_at_rest or (self.world.servers.get(uuid) == wanted and not failed_before):
            return seen
        self.world.tokens[uuid] = dict(material().node_tokens)
        self.world.called("update")
        self.world.servers[uuid], self.world.changes[uuid] = wanted, change.ident
        self.world.stacks[uuid], self.looks[uuid] = InfrastructureStatus.BUILDING, 0
        return dataclasses.replace(seen, status=InfrastructureStatus.BUILDING)

    def _servers(self, cluster: Cluster) -> dict[str, str]:
        return {node.uuid: f"server-{node.nodegroup_name}-{node.index}" for node in cluster.nodes}

    def observe(self, cluster: Cluster, stacks: Stacks) -> Observation:
        self.world.called("observe")
        status = self.world.stacks.get(cluster.uuid, InfrastructureStatus.ABSENT)
        self.looks[cluster.uuid] += 1
        if status is InfrastructureStatus.BUILDING and self.looks[cluster.uuid] > self.world.looks_until_complete:
            status = self.world.stacks[cluster.uuid] = InfrastructureStatus.COMPLETE
        servers = self.world.servers.get(cluster.uuid, {})
        nodes = {uuid: NodeObservation(server, "127.0.0.9") for uuid, server in servers.items()}
        return Observation(
            status,
            self.world.reason,
            stack_id=f"stack-{cluster.uuid}",
            api_address="https://127.24.0.5:6443",
            internal_api_address="https://127.0.0.5:6443",
            nodes=nodes,
            group_stacks={
                group.uuid: f"stack-{group.uuid}"
                for group in cluster.nodegroups
                if not group.is_default and group.status.endswith("_IN_PROGRESS")
            },
            is_passing=self.world.is_passing,
        )

    def cloud_needs(self, cluster: Cluster, node: Node) -> CloudNeeds:
        return self.needs if node is cluster.masters[0] else CloudNeeds()

    def node_document(self, cluster: Cluster, node: Node, secrets: NodeSecrets) -> NodeDocument:
        self.secrets[node.uuid] = secrets
        return NodeDocument(1, cluster.uuid, node.uuid, node.name, node.role, "127.0.0.9")

    def remove_infrastructure(self, cluster: Cluster, stacks: Stacks, removal: Removal | None = None) -> None:
        self.world.called("remove_infrastructure")
        if cluster.uuid not in self.world.stacks:
            return
        if self.world.stacks[cluster.uuid] is not InfrastructureStatus.REMOVING:
            self.world.stacks[cluster.uuid] = InfrastructureStatus.REMOVING
            raise NotYet("the stack is being deleted", after=1.0)
        del self.world.stacks[cluster.uuid]
        self.world.servers.pop(cluster.uuid, None)


class FakeDrivers:
    """The drivers: one, under every name but ``absent``."""

    def __init__(self, driver: FakeDriver) -> None:
        self.driver = driver

    def get(self, name: str) -> FakeDriver:
        if name == "absent":
            raise NotFound("Driver", name)
        return self.driver
