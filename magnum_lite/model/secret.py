# SPDX-License-Identifier: Apache-2.0
"""Secrets of clusters: where each is kept."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base, Name


class Secret(Base):
    """One secret; the name is unique and made from the cluster's UUID.

    ``kept`` is what ``backend`` finds the secret by: with the database it is the secret, encrypted, and with others
    an identifier. It is empty while the secret is being made outside.
    """

    __tablename__ = "secret"

    name: Mapped[str] = mapped_column(Name, unique=True)
    cluster_uuid: Mapped[str] = mapped_column(UUID, index=True)
    backend: Mapped[str] = mapped_column(Name, default="database")
    kept: Mapped[bytes] = mapped_column("ciphertext", LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb"))
