# SPDX-License-Identifier: Apache-2.0
"""Operations: one accepted request and its course each."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base, Name
from magnum_lite.model.states import OperationState


class Operation(Base):
    """One accepted mutation of a cluster.

    ``step`` is the one begun last, ``attempts`` how often in a row it failed, ``look_at`` when a conductor shall look
    again at the latest, ``deadline`` when the operation fails for want of time (``None``: never).
    """

    __tablename__ = "operation"
    __table_args__ = (Index("ix_operation_state_look_at", "state", "look_at"), Base.__table_args__)

    uuid: Mapped[str] = mapped_column(UUID, unique=True)
    cluster_uuid: Mapped[str] = mapped_column(UUID, index=True)
    project_id: Mapped[str] = mapped_column(Name)
    user_id: Mapped[str] = mapped_column(Name)
    request_id: Mapped[str | None] = mapped_column(Name)
    verb: Mapped[str] = mapped_column(String(20))
    wanted: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default=OperationState.PENDING.value)
    step: Mapped[str | None] = mapped_column(Name)
    progress: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(Name)
    message: Mapped[str | None] = mapped_column(Text)
    look_at: Mapped[datetime.datetime]
    deadline: Mapped[datetime.datetime | None]
    started_at: Mapped[datetime.datetime]
    finished_at: Mapped[datetime.datetime | None]
