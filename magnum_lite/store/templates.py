# SPDX-License-Identifier: Apache-2.0
"""Queries for cluster templates."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.errors import Conflict, NotFound
from magnum_lite.model import ClusterTemplate
from magnum_lite.store.clusters import UUID_PATTERN
from magnum_lite.store.paging import Page, Part, paged


def get(session: Session, project_id: str | None, ident: str) -> ClusterTemplate:
    """Give the template with this UUID or name that the project may see; ``None`` sees all.

    A project sees its own templates, and public ones that are not hidden. Its own come first where a name is shared.
    Raises ``NotFound``, and ``Conflict`` when the name is ambiguous.
    """
    query = sa.select(ClusterTemplate).where(_matches(ident), _visible(project_id))
    found = list(session.scalars(query.limit(3)))
    if len(found) > 1:
        found = [one for one in found if one.project_id == project_id] or found
    if not found:
        raise NotFound("ClusterTemplate", ident)
    if len(found) > 1:
        raise Conflict(f"Multiple cluster templates exist with the name {ident}: use the UUID instead")
    return found[0]


def list_(session: Session, project_id: str | None, page: Page) -> Part[ClusterTemplate]:
    """List the templates a project may see; ``None`` sees all. Raises ``NotFound`` for a marker that is not there."""
    visible = _visible(project_id)
    marker = None
    if page.marker is not None:
        marker = session.scalars(sa.select(ClusterTemplate).where(visible, ClusterTemplate.uuid == page.marker)).first()
        if marker is None:
            raise NotFound("ClusterTemplate", str(page.marker))
    query = paged(sa.select(ClusterTemplate).where(visible), ClusterTemplate, page, marker)
    return Part.of(session.scalars(query).all(), page)


def _visible(project_id: str | None) -> sa.ColumnElement[bool]:
    if project_id is None:
        return sa.true()
    shared = sa.and_(ClusterTemplate.public.is_(True), ClusterTemplate.hidden.is_(False))
    return sa.or_(ClusterTemplate.project_id == project_id, shared)


def _matches(ident: str) -> sa.ColumnElement[bool]:
    if UUID_PATTERN.fullmatch(ident):
        return sa.or_(ClusterTemplate.uuid == ident.lower(), ClusterTemplate.name == ident)
    return ClusterTemplate.name == ident
