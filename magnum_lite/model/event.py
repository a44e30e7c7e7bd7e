# SPDX-License-Identifier: Apache-2.0
"""Events: what happened to a cluster, append-only."""

from __future__ import annotations

import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base, Name


class ClusterEvent(Base):
    """One thing that happened.

    ``kind`` is a stable word (``cluster``, ``step``, ``node``, ``label``, ``certificate``), ``resource`` names what it
    happened to, ``reason`` is a stable slug, ``message`` a sentence. ``fence`` is the number of the reservation under
    which a conductor wrote it, or ``None`` when the API did.
    """

    __tablename__ = "event"

    cluster_uuid: Mapped[str] = mapped_column(UUID, index=True)
    created_at: Mapped[datetime.datetime]
    kind: Mapped[str] = mapped_column(Name)
    resource: Mapped[str] = mapped_column(Name)
    reason: Mapped[str] = mapped_column(Name)
    message: Mapped[str] = mapped_column(Text)
    fence: Mapped[int | None]
