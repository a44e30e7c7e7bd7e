# SPDX-License-Identifier: Apache-2.0
"""Queries for requests that may be sent twice."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import IdempotencyKey

KEPT = datetime.timedelta(days=1)


def find(session: Session, project_id: str, user_id: str, key: str, now: datetime.datetime) -> IdempotencyKey | None:
    """Give what a user's key was used for in the last day, or ``None``."""
    mine = _of(project_id, user_id, key)
    return session.scalars(sa.select(IdempotencyKey).where(*mine, IdempotencyKey.created_at > now - KEPT)).first()


def add(session: Session, row: IdempotencyKey, now: datetime.datetime) -> None:
    """Keep a key, and forget all that are older than a day.

    Call it inside ``Store.transact``: two first requests race for the key.
    """
    session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.created_at <= now - KEPT))
    session.add(row)


def remove(session: Session, project_id: str, user_id: str, key: str) -> None:
    """Make a key gone."""
    session.execute(sa.delete(IdempotencyKey).where(*_of(project_id, user_id, key)))


def _of(project_id: str, user_id: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return IdempotencyKey.project_id == project_id, IdempotencyKey.user_id == user_id, IdempotencyKey.key == key
