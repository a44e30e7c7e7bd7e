# SPDX-License-Identifier: Apache-2.0
"""One look at a cluster, under a reservation: what its steps read and write through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from magnum_lite.conductor.deps import ConductorDeps
from magnum_lite.drivers.base import Driver, Stacks
from magnum_lite.errors import MagnumLiteError
from magnum_lite.model import Base, Cluster, Operation
from magnum_lite.store import changes, events, operations, reservations
from magnum_lite.store.engine import Session
from magnum_lite.store.reservations import Hold


class Superseded(MagnumLiteError):
    """The operation ended while it was being worked on, because a newer one took its place."""

    slug = "superseded"


@dataclass(frozen=True)
class Happening:
    """An event to be written: see ``model.ClusterEvent``."""

    kind: str
    resource: str
    reason: str
    message: str


@dataclass(frozen=True)
class Look:
    """A cluster, its open operation, and the hold under which both may be written.

    The rows belong to no session: steps change their attributes, and ``save`` writes what has changed.
    ``rest`` is what is left of an earlier wait, in seconds: above 0 where something happened before it was over.
    """

    deps: ConductorDeps
    hold: Hold
    cluster: Cluster
    operation: Operation
    rest: float = 0.0

    @property
    def driver(self) -> Driver:
        return self.deps.drivers.get(self.cluster.driver)

    @property
    def age(self) -> float:
        """Seconds since the operation was asked for."""
        return (self.deps.now() - self.operation.started_at).total_seconds()

    @property
    def silence(self) -> float:
        """Seconds since a node was heard of, or since the operation was asked for."""
        heard = [node.last_report_at for node in self.cluster.nodes if node.last_report_at is not None]
        return (self.deps.now() - max([self.operation.started_at, *heard])).total_seconds()

    def stacks(self) -> Stacks:
        """Give the cluster's stacks, as its own user sees them."""
        return self.deps.clouds.stacks(self.cluster, self.password())

    def password(self) -> str:
        """Give the password of the cluster's user; raise ``NotFound`` before it has one."""
        return self.deps.vault.get(user_secret(self.cluster)).decode()

    @property
    def rows(self) -> list[Base]:
        return [self.cluster, *self.cluster.nodegroups, *self.cluster.nodes]

    def save(self, *happened: Happening) -> None:
        """Write what is known now in one transaction, with the events that say what happened.

        Raises ``ReservationLost`` and ``Superseded``, and then nothing is written.
        """
        rows = self.rows

        def work(session: Session) -> None:
            changes.write(session, rows)
            for one in happened:
                self._note(session, one)

        self.write(work)
        changes.forget(rows)

    def save_changes(self) -> None:
        """``save``, but only if a row was changed."""
        if changes.are_pending(self.rows):
            self.save()

    def write(self, work: Callable[[Session], None]) -> None:
        """Do the work in a transaction of its own, provided the hold and the operation still stand."""

        def fenced(session: Session) -> None:
            reservations.renew(session, self.hold, self.deps.now(), self.deps.conf.conductor.reservation_seconds)
            if not operations.advance(session, self.operation):
                raise Superseded(f"operation {self.operation.uuid} was superseded")
            work(session)

        self.deps.store.transact(fenced)

    def _note(self, session: Session, what: Happening) -> None:
        events.add(
            session,
            self.cluster.uuid,
            now=self.deps.now(),
            kind=what.kind,
            resource=what.resource,
            reason=what.reason,
            message=what.message,
            fence=self.hold.fence,
        )


def user_secret(cluster: Cluster) -> str:
    """Name the secret that holds the password of the cluster's user."""
    return f"{cluster.uuid}-user"
