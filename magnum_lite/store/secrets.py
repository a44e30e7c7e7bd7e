# SPDX-License-Identifier: Apache-2.0
"""Queries for secrets; what is in them only a vault knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import Secret


@dataclass(frozen=True)
class Kept:
    """Which backend has a secret, and what it finds it by; nothing while the secret is being made."""

    backend: str
    kept: bytes


@dataclass(frozen=True)
class Row:
    """A secret in a list; ``id`` grows."""

    id: int
    name: str
    where: Kept


def find(session: Session, name: str) -> Kept | None:
    """Say where the secret of a name is kept, or ``None``."""
    row = session.execute(sa.select(Secret.backend, Secret.kept).where(Secret.name == name)).first()
    return None if row is None else Kept(row.backend, row.kept)


def add_if_absent(session: Session, name: str, cluster_uuid: str, where: Kept) -> Kept:
    """Note where a secret is kept unless that is noted already; give what is noted.

    Two that race for a name end in a duplicate key for one of them: call it inside ``Store.transact``.
    """
    known = find(session, name)
    if known is not None:
        return known
    session.add(Secret(name=name, cluster_uuid=cluster_uuid, backend=where.backend, kept=where.kept))
    session.flush()
    return where


def replace(session: Session, name: str, old: Kept, new: Kept) -> bool:
    """Note another place if it is still the old one; say whether it was."""
    is_old = (Secret.name == name, Secret.backend == old.backend, Secret.kept == old.kept)
    changed = session.execute(sa.update(Secret).where(*is_old).values(backend=new.backend, kept=new.kept))
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def remove(session: Session, name: str) -> None:
    session.execute(sa.delete(Secret).where(Secret.name == name))


def remove_of_cluster(session: Session, cluster_uuid: str) -> None:
    session.execute(sa.delete(Secret).where(Secret.cluster_uuid == cluster_uuid))


def list_(session: Session, after: int, limit: int, *, cluster_uuid: str | None = None) -> Sequence[Row]:
    """List secrets with a higher id, of one cluster or of all, in order of id."""
    query = sa.select(Secret.id, Secret.name, Secret.backend, Secret.kept).where(Secret.id > after)
    if cluster_uuid is not None:
        query = query.where(Secret.cluster_uuid == cluster_uuid)
    rows = session.execute(query.order_by(Secret.id).limit(limit))
    return [Row(row.id, row.name, Kept(row.backend, row.kept)) for row in rows]
