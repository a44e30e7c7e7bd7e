# SPDX-License-Identifier: Apache-2.0
"""A conductor on a real database and a real vault, with a cloud in memory and a clock that tests move."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from magnum_lite import conf as configuration
from magnum_lite.certs import vaults
from magnum_lite.conductor.deps import ConductorDeps
from magnum_lite.conductor.reconcile import reconcile
from magnum_lite.model import Cluster, ClusterEvent, Node, Operation
from magnum_lite.model.defaults import new_operation
from magnum_lite.model.states import Event, NodeState, Status, Verb, after
from magnum_lite.store import clusters, events, operations, reservations, schema
from magnum_lite.store.engine import Store
from magnum_lite.vaults import keys
from tests.builders import NOW, REQUESTER, a_cluster
from tests.fakes.cloud import FakeClouds, FakeDriver, FakeDrivers, FakeWorld
from tests.wishes import Wish, accept


@dataclass
class Clock:
    """The time, as far as a test has let it go on."""

    now: datetime.datetime = NOW

    def __call__(self) -> datetime.datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += datetime.timedelta(seconds=seconds)


@dataclass
class House:
    """A conductor's deps, and the questions tests ask."""

    deps: ConductorDeps
    world: FakeWorld
    clock: Clock

    def accept(self, **request: object) -> Cluster:
        """Write what the API writes for a create."""
        minutes = int(str(request.setdefault("create_timeout", 60)))
        cluster = a_cluster(**request)  # type: ignore[arg-type]
        with self.deps.store.write() as session:
            session.add(cluster)
            reservations.add(session, cluster.uuid, self.clock())
            session.add(new_operation(cluster, Verb.CREATE, REQUESTER, now=self.clock(), minutes=minutes))
        return cluster

    def ask_to_delete(self, uuid: str) -> None:
        """Write what the API writes for a delete."""
        with self.deps.store.write() as session:
            cluster = clusters.get(session, None, uuid)
            operations.supersede(session, uuid, self.clock())
            session.add(new_operation(cluster, Verb.DELETE, REQUESTER, now=self.clock()))
            cluster.status = after(Status(cluster.status), Verb.DELETE, Event.REQUESTED).value

    def ask_for(self, uuid: str, verb: Verb, wish: Wish, *, minutes: int | None = 60) -> None:
        """Have a change accepted, a moment after whatever was before."""
        self.clock.go_on(1)
        accept(self.deps.store, uuid, verb, wish, now=self.clock(), minutes=minutes)

    def report(self, uuid: str, state: NodeState, message: str | None = None, *, only: Iterable[Node] = ()) -> None:
        """Have every node of a cluster report, or only some."""
        with self.deps.store.write() as session:
            values = {"state": state.value, "message": message, "reported_generation": 1}
            which = Node.uuid.in_([node.uuid for node in only]) if only else Node.cluster_uuid == uuid
            session.execute(sa.update(Node).where(which).values(values))

    def look(self, uuid: str) -> float | None:
        return reconcile(uuid, self.deps)

    def keep_looking(self, uuid: str, *, times: int) -> list[float | None]:
        """Look as often, each time after the wait that the last look asked for."""
        waits = []
        for _ in range(times):
            waits.append(self.look(uuid))
            self.clock.go_on(waits[-1] or 0)
        return waits

    def create(self, **request: object) -> Cluster:
        """Take a new cluster to its end."""
        cluster = self.accept(**request)
        self.look(cluster.uuid)
        self.report(cluster.uuid, NodeState.READY)
        self.look(cluster.uuid)
        return self.get(cluster.uuid)

    def get(self, uuid: str) -> Cluster:
        with self.deps.store.read() as session:
            return clusters.get(session, None, uuid)

    def find(self, uuid: str) -> Cluster | None:
        with self.deps.store.read() as session:
            return clusters.find(session, uuid)

    def operation(self, uuid: str) -> Operation:
        with self.deps.store.read() as session:
            return operations.list_(session, uuid)[0]

    def events(self, uuid: str) -> list[ClusterEvent]:
        with self.deps.store.read() as session:
            return events.list_(session, uuid)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = Store.connect(f"sqlite:///{tmp_path}/magnum_lite.sqlite")
    schema.upgrade(store)
    conf = configuration.new([], [])
    conf.set_override("key_file", str(tmp_path / "vault.keys"), "vault")
    conf.set_override("max_attempts", 3, "conductor")
    keys.make(tmp_path / "vault.keys")
    world, clock = FakeWorld(), Clock()
    deps = ConductorDeps(
        conf=conf,
        store=store,
        vault=vaults.load(conf, store),
        clouds=FakeClouds(world),
        drivers=FakeDrivers(FakeDriver(world)),  # type: ignore[arg-type]
        owner="conductor-1",
        now=clock,
    )
    yield House(deps, world, clock)
    store.close()
