# SPDX-License-Identifier: Apache-2.0
"""Queries for nodegroups."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.errors import NotFound
from magnum_lite.model import Nodegroup
from magnum_lite.store.paging import Page, paged


def list_(session: Session, cluster_uuid: str, page: Page, *, role: str | None) -> list[Nodegroup]:
    """List the nodegroups of a cluster, of one role if asked for, without their nodes.

    Raises ``NotFound`` for a marker that is not there.
    """
    query = sa.select(Nodegroup).where(Nodegroup.cluster_uuid == cluster_uuid)
    marker = None
    if page.marker is not None:
        marker = session.scalars(query.where(Nodegroup.uuid == page.marker)).first()
        if marker is None:
            raise NotFound("Nodegroup", page.marker)
    if role is not None:
        query = query.where(Nodegroup.role == role)
    return list(session.scalars(paged(query, Nodegroup, page, marker)))
