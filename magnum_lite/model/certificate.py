# SPDX-License-Identifier: Apache-2.0
"""Certificate authorities of clusters (their public half; keys are in the vault)."""

from __future__ import annotations

import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base, LongText


class Authority(Base):
    """The CA certificate of one kind (``kubernetes``, ``etcd`` or ``front-proxy``) of a cluster, in PEM."""

    __tablename__ = "authority"
    __table_args__ = (
        Index("uq_authority_cluster_uuid_kind", "cluster_uuid", "kind", unique=True),
        Base.__table_args__,
    )

    cluster_uuid: Mapped[str] = mapped_column(UUID)
    kind: Mapped[str] = mapped_column(String(20))
    pem: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[datetime.datetime]
