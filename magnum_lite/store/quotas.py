# SPDX-License-Identifier: Apache-2.0
"""Queries for quotas."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.errors import QuotaExceeded
from magnum_lite.model import Quota
from magnum_lite.model.quota import CLUSTER
from magnum_lite.store import clusters


def check_room(session: Session, project_id: str, default_limit: int, now: datetime.datetime) -> None:
    """Raise ``QuotaExceeded`` when the project may not have another cluster.

    The project's quota row is locked until the transaction ends, so that of two concurrent creates the second one
    counts the first one's cluster. Call it inside ``Store.transact``: two first creates of a project race for the row.
    """
    query = sa.select(Quota).where(Quota.project_id == project_id, Quota.resource == CLUSTER)
    row = session.scalars(query.with_for_update()).first()
    if row is None:
        row = Quota(project_id=project_id, resource=CLUSTER, hard_limit=None, created_at=now, updated_at=None)
        session.add(row)
        session.flush()
    limit = default_limit if row.hard_limit is None else row.hard_limit
    used = clusters.count(session, project_id)
    if used >= limit:
        raise QuotaExceeded(
            f"Quota exceeded: project {project_id} has {used} of {limit} clusters; delete one or ask for a higher quota"
        )
