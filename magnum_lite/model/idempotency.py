# SPDX-License-Identifier: Apache-2.0
"""Requests that may be sent twice."""

from __future__ import annotations

import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base


class IdempotencyKey(Base):
    """A key that a user's request for a cluster carried, and the cluster that was made for it.

    ``key`` is the hex SHA-256 of the key, so that databases that know no capitals tell all keys apart.
    ``fingerprint`` is the hex SHA-256 of what was asked for, so that a key used for something else is noticed. The
    row stays when the cluster goes: the request sent again is still answered as before.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (
        Index("uq_idempotency_key_project_id_user_id_key", "project_id", "user_id", "key", unique=True),
        Base.__table_args__,
    )

    project_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    made_uuid: Mapped[str] = mapped_column(UUID)
    created_at: Mapped[datetime.datetime] = mapped_column(index=True)
