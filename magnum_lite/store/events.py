# SPDX-License-Identifier: Apache-2.0
"""Queries for events of clusters."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import ClusterEvent


def add(
    session: Session,
    cluster_uuid: str,
    *,
    now: datetime.datetime,
    kind: str,
    resource: str,
    reason: str,
    message: str,
    fence: int | None = None,
) -> None:
    """Write down that something happened to a cluster."""
    session.add(
        ClusterEvent(
            cluster_uuid=cluster_uuid,
            created_at=now,
            kind=kind,
            resource=resource,
            reason=reason,
            message=message,
            fence=fence,
        )
    )


def list_(session: Session, cluster_uuid: str, limit: int = 1000) -> list[ClusterEvent]:
    """List the newest events of a cluster, oldest first."""
    query = sa.select(ClusterEvent).where(ClusterEvent.cluster_uuid == cluster_uuid)
    return list(reversed(list(session.scalars(query.order_by(ClusterEvent.id.desc()).limit(limit)))))
