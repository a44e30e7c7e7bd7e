# SPDX-License-Identifier: Apache-2.0
"""Queries for encrypted secrets; what is in them only a vault knows."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import Secret


def find(session: Session, name: str) -> bytes | None:
    """Give the ciphertext kept under a name, or ``None``."""
    return session.scalar(sa.select(Secret.ciphertext).where(Secret.name == name))


def add_if_absent(session: Session, name: str, cluster_uuid: str, ciphertext: bytes) -> bytes:
    """Keep a ciphertext unless the name has one; give the one that is kept.

    Two that race for a name end in a duplicate key for one of them: call it inside ``Store.transact``.
    """
    known = find(session, name)
    if known is not None:
        return known
    session.add(Secret(name=name, cluster_uuid=cluster_uuid, ciphertext=ciphertext))
    session.flush()
    return ciphertext


def replace(session: Session, name: str, old: bytes, new: bytes) -> bool:
    """Change a ciphertext if it is still the old one; say whether it was."""
    changed = session.execute(
        sa.update(Secret).where(Secret.name == name, Secret.ciphertext == old).values(ciphertext=new)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def remove(session: Session, name: str) -> None:
    session.execute(sa.delete(Secret).where(Secret.name == name))


def remove_of_cluster(session: Session, cluster_uuid: str) -> None:
    session.execute(sa.delete(Secret).where(Secret.cluster_uuid == cluster_uuid))


def list_(session: Session, after: int, limit: int) -> list[tuple[int, str, bytes]]:
    """List (id, name, ciphertext) of secrets with a higher id, in order of id."""
    query = sa.select(Secret.id, Secret.name, Secret.ciphertext).where(Secret.id > after).order_by(Secret.id)
    return [(ident, name, ciphertext) for ident, name, ciphertext in session.execute(query.limit(limit))]
