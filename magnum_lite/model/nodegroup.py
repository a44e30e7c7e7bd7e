# SPDX-License-Identifier: Apache-2.0
"""Nodegroups: nodes of a cluster that are alike."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from magnum_lite.model.base import UUID, Base, Name
from magnum_lite.model.node import Node
from magnum_lite.model.states import Status

MASTER = "master"
WORKER = "worker"
DEFAULT_MASTER = "default-master"
DEFAULT_WORKER = "default-worker"


class Nodegroup(Base):
    """A group of nodes; ``next_index`` is the index its next node gets, so that no index is used twice."""

    __tablename__ = "nodegroup"
    __table_args__ = (
        Index("uq_nodegroup_cluster_uuid_name", "cluster_uuid", "name", unique=True),
        Base.__table_args__,
    )

    uuid: Mapped[str] = mapped_column(UUID, unique=True, insert_sentinel=True)
    cluster_uuid: Mapped[str] = mapped_column(UUID)
    project_id: Mapped[str] = mapped_column(Name)
    name: Mapped[str] = mapped_column(Name)
    role: Mapped[str] = mapped_column(Name)
    is_default: Mapped[bool] = mapped_column(default=False)
    node_count: Mapped[int]
    min_node_count: Mapped[int] = mapped_column(default=0)
    max_node_count: Mapped[int | None]
    next_index: Mapped[int] = mapped_column(default=0)
    flavor_id: Mapped[str | None] = mapped_column(Name)
    image_id: Mapped[str] = mapped_column(Name)
    docker_volume_size: Mapped[int | None]
    labels: Mapped[dict[str, str]] = mapped_column(default=dict)
    node_labels: Mapped[dict[str, str]] = mapped_column(default=dict)
    node_taints: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    stack_id: Mapped[str | None] = mapped_column(Name)
    status: Mapped[str] = mapped_column(String(20), default=Status.CREATE_IN_PROGRESS.value)
    status_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime | None]

    nodes: Mapped[list[Node]] = relationship(
        primaryjoin="Nodegroup.uuid == foreign(Node.nodegroup_uuid)",
        order_by=Node.index,
        cascade="all, delete-orphan",
        lazy="raise",
    )

    @property
    def is_leaving(self) -> bool:
        """The group shall go; its row goes when its servers are gone."""
        return self.status in (Status.DELETE_IN_PROGRESS, Status.DELETE_FAILED)
