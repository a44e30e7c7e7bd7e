# SPDX-License-Identifier: Apache-2.0
"""Reservations: one conductor's hold on a cluster."""

from __future__ import annotations

import datetime

from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base, Name


class Reservation(Base):
    """Who works on a cluster, until when.

    ``fence`` grows each time the cluster is taken; a conductor whose number is not the current one may not write.
    ``is_wanted_again`` is set by whoever found the cluster taken, so that the holder looks once more.
    """

    __tablename__ = "reservation"

    cluster_uuid: Mapped[str] = mapped_column(UUID, unique=True)
    owner: Mapped[str | None] = mapped_column(Name)
    fence: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime.datetime]
    is_wanted_again: Mapped[bool] = mapped_column(default=False)
