# SPDX-License-Identifier: Apache-2.0
"""Queries for operations."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import Operation
from magnum_lite.model.states import OPEN, OperationState


def find_open(session: Session, cluster_uuid: str) -> Operation | None:
    """Give the newest operation of a cluster that has not ended, or ``None``."""
    query = sa.select(Operation).where(Operation.cluster_uuid == cluster_uuid, Operation.state.in_(OPEN))
    return session.scalars(query.order_by(Operation.id.desc()).limit(1)).first()


def list_(session: Session, cluster_uuid: str, limit: int = 100) -> list[Operation]:
    """List the operations of a cluster, newest first."""
    query = sa.select(Operation).where(Operation.cluster_uuid == cluster_uuid)
    return list(session.scalars(query.order_by(Operation.id.desc()).limit(limit)))


def list_due(session: Session, now: datetime.datetime, limit: int) -> list[str]:
    """List the UUIDs of clusters with an open operation that wants to be looked at, those due longest first."""
    query = sa.select(Operation.cluster_uuid).where(Operation.state.in_(OPEN), Operation.look_at <= now)
    return list(dict.fromkeys(session.scalars(query.order_by(Operation.look_at).limit(limit))))


def supersede(session: Session, cluster_uuid: str, now: datetime.datetime) -> None:
    """End every open operation of a cluster because another one takes its place."""
    session.execute(
        sa.update(Operation)
        .where(Operation.cluster_uuid == cluster_uuid, Operation.state.in_(OPEN))
        .values(state=OperationState.SUPERSEDED.value, finished_at=now)
    )


def advance(session: Session, operation: Operation) -> bool:
    """Write an operation's course down if it is still open; say whether it was.

    The row is changed with one statement, so that of an operation's end and a delete that supersedes it only one
    happens.
    """
    names = ("state", "step", "progress", "attempts", "error_code", "message", "look_at", "finished_at")
    changed = session.execute(
        sa.update(Operation)
        .where(Operation.id == operation.id, Operation.state.in_(OPEN))
        .values({name: getattr(operation, name) for name in names})
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
