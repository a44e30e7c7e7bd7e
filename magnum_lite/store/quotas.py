# SPDX-License-Identifier: Apache-2.0
"""Queries for quotas.

A row without a limit is no quota that somebody set: it is only what concurrent creates of a project queue on.
"""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.errors import Conflict, NotFound, QuotaExceeded
from magnum_lite.model import Quota
from magnum_lite.model.quota import CLUSTER
from magnum_lite.store import clusters
from magnum_lite.store.paging import Page, Part, paged


def find(session: Session, project_id: str, resource: str) -> Quota | None:
    """Give the quota that was set for a project, or ``None``."""
    return session.scalars(_row(project_id, resource).where(Quota.hard_limit.is_not(None))).first()


def list_(session: Session, project_id: str | None, page: Page) -> Part[Quota]:
    """List the quotas that were set, of one project or of all with ``None``.

    A marker is a quota's id; raises ``NotFound`` for one that is not there.
    """
    query = sa.select(Quota).where(Quota.hard_limit.is_not(None))
    if project_id is not None:
        query = query.where(Quota.project_id == project_id)
    marker = None
    if page.marker is not None:
        marker = session.scalars(query.where(Quota.id == page.marker)).first()
        if marker is None:
            raise NotFound("Quota", str(page.marker))
    return Part.of(session.scalars(paged(query, Quota, page, marker)).all(), page)


def add(session: Session, project_id: str, resource: str, hard_limit: int, now: datetime.datetime) -> Quota:
    """Set a quota where there is none; raise ``Conflict`` where there is one.

    Call it inside ``Store.transact``: it races for the row with others, and with a project's first create.
    """
    row = _locked(session, project_id, resource, now)
    if row.hard_limit is not None:
        raise Conflict(f"project {project_id} has a quota for {resource} already: {row.hard_limit}; change that one")
    row.hard_limit = hard_limit
    row.created_at, row.updated_at = now, None
    session.flush()
    return row


def change(session: Session, project_id: str, resource: str, hard_limit: int, now: datetime.datetime) -> Quota:
    """Give a quota another limit; creates that are being counted go first. Raises ``NotFound``."""
    row = _locked_set(session, project_id, resource)
    row.hard_limit, row.updated_at = hard_limit, now
    return row


def remove(session: Session, project_id: str, resource: str) -> None:
    """Let the default be a project's limit again, and leave the row that creates queue on. Raises ``NotFound``."""
    _locked_set(session, project_id, resource).hard_limit = None


def check_room(session: Session, project_id: str, default_limit: int, now: datetime.datetime) -> None:
    """Raise ``QuotaExceeded`` when the project may not have another cluster.

    The project's quota row is locked until the transaction ends, so that of two concurrent creates the second one
    counts the first one's cluster. Call it inside ``Store.transact``: two first creates of a project race for the row.
    """
    row = _locked(session, project_id, CLUSTER, now)
    limit = default_limit if row.hard_limit is None else row.hard_limit
    used = clusters.count(session, project_id)
    if used >= limit:
        raise QuotaExceeded(
            f"Quota exceeded: project {project_id} has {used} of {limit} clusters; delete one or ask for a higher quota"
        )


def _locked(session: Session, project_id: str, resource: str, now: datetime.datetime) -> Quota:
    """Give a project's row, made if need be, locked until the transaction ends."""
    row = session.scalars(_row(project_id, resource).with_for_update()).first()
    if row is None:
        row = Quota(project_id=project_id, resource=resource, hard_limit=None, created_at=now, updated_at=None)
        session.add(row)
        session.flush()
    return row


def _locked_set(session: Session, project_id: str, resource: str) -> Quota:
    row = session.scalars(_row(project_id, resource).with_for_update()).first()
    if row is None or row.hard_limit is None:
        raise NotFound("Quota", f"of project {project_id} for {resource}")
    return row


def _row(project_id: str, resource: str) -> sa.Select[Quota]:
    return sa.select(Quota).where(Quota.project_id == project_id, Quota.resource == resource)
