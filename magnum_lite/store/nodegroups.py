# SPDX-License-Identifier: Apache-2.0
"""Queries for nodegroups."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.errors import NotFound
from magnum_lite.model import Nodegroup
from magnum_lite.store.paging import Page, Part, paged


def list_(session: Session, cluster_uuid: str, page: Page) -> Part[Nodegroup]:
    """List one part of the nodegroups of a cluster, without their nodes.

    Raises ``NotFound`` for a marker that is not there.
    """
    query = sa.select(Nodegroup).where(Nodegroup.cluster_uuid == cluster_uuid)
    marker = None
    if page.marker is not None:
        marker = session.scalars(query.where(Nodegroup.uuid == page.marker)).first()
        if marker is None:
            raise NotFound("Nodegroup", str(page.marker))
    return Part.of(list(session.scalars(paged(query, Nodegroup, page, marker))), page)
