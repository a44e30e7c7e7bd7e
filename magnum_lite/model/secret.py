# SPDX-License-Identifier: Apache-2.0
"""Secrets of clusters as the database vault keeps them: encrypted."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base, Name


class Secret(Base):
    """One encrypted secret; the name is unique and made from the cluster's UUID."""

    __tablename__ = "secret"

    name: Mapped[str] = mapped_column(Name, unique=True)
    cluster_uuid: Mapped[str] = mapped_column(UUID, index=True)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb"))
