# SPDX-License-Identifier: Apache-2.0
"""Conductors that have said they live."""

from __future__ import annotations

import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import Base, Name


class Service(Base):
    """One process of ours, known by host and binary (Magnum's ``mservice``)."""

    __tablename__ = "service"
    __table_args__ = (Index("uq_service_host_binary", "host", "binary", unique=True), Base.__table_args__)

    host: Mapped[str] = mapped_column(Name)
    binary: Mapped[str] = mapped_column(Name)
    report_count: Mapped[int] = mapped_column(default=0)
    disabled: Mapped[bool] = mapped_column(default=False)
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    last_seen_up: Mapped[datetime.datetime]
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime | None]

    def is_up(self, now: datetime.datetime, down_seconds: float) -> bool:
        return (now - self.last_seen_up).total_seconds() <= down_seconds
