# SPDX-License-Identifier: Apache-2.0
"""Quotas of projects."""

from __future__ import annotations

import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import Base, Name

CLUSTER = "Cluster"


class Quota(Base):
    """How many of a resource a project may have; the row is also what concurrent creates of a project queue on."""

    __tablename__ = "quota"
    __table_args__ = (
        Index("uq_quota_project_id_resource", "project_id", "resource", unique=True),
        Base.__table_args__,
    )

    project_id: Mapped[str] = mapped_column(Name)
    resource: Mapped[str] = mapped_column(Name, default=CLUSTER)
    hard_limit: Mapped[int | None]
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime | None]
