# SPDX-License-Identifier: Apache-2.0
"""Nodes: one server of a nodegroup each."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base, Name
from magnum_lite.model.states import NodeState


class Node(Base):
    """One node; the conductor learns its server and addresses, its agent reports the state.

    ``index`` is never reused within a nodegroup. ``token_hash`` is the hex SHA-256 of the token the node proves
    itself with, or ``None`` before the node was given one. ``generation`` grows when this node's document changes.
    ``is_leaving`` says that the node shall go; its row goes when its server is gone.
    """

    __tablename__ = "node"
    __table_args__ = (
        Index("uq_node_nodegroup_uuid_index", "nodegroup_uuid", "index", unique=True),
        Base.__table_args__,
    )

    uuid: Mapped[str] = mapped_column(UUID, unique=True, insert_sentinel=True)
    cluster_uuid: Mapped[str] = mapped_column(UUID, index=True)
    nodegroup_uuid: Mapped[str] = mapped_column(UUID)
    nodegroup_name: Mapped[str] = mapped_column(Name)
    role: Mapped[str] = mapped_column(Name)
    index: Mapped[int]
    name: Mapped[str] = mapped_column(Name)
    generation: Mapped[int] = mapped_column(default=1)
    token_hash: Mapped[str | None] = mapped_column(String(64))
    release: Mapped[str | None] = mapped_column(Name)
    image_id: Mapped[str] = mapped_column(Name)
    server_id: Mapped[str | None] = mapped_column(Name)
    address: Mapped[str | None] = mapped_column(Name)
    floating_address: Mapped[str | None] = mapped_column(Name)
    state: Mapped[str] = mapped_column(String(20), default=NodeState.WANTED.value)
    message: Mapped[str | None] = mapped_column(Text)
    phases: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    versions: Mapped[dict[str, str]] = mapped_column(default=dict)
    reported_generation: Mapped[int] = mapped_column(default=0)
    is_leaving: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    last_report_at: Mapped[datetime.datetime | None]
    created_at: Mapped[datetime.datetime]

    @property
    def is_ready(self) -> bool:
        """The node runs what its document asks for now."""
        return self.state == NodeState.READY and self.reported_generation >= self.generation
