# SPDX-License-Identifier: Apache-2.0
"""Removing the rows of what has left a cluster."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import Node, Nodegroup


def remove_nodes(session: Session, uuids: Collection[str]) -> None:
    """Remove these nodes, as far as they are still meant to leave."""
    session.execute(sa.delete(Node).where(Node.uuid.in_(uuids), Node.is_leaving))


def remove_groups(session: Session, uuids: Collection[str]) -> None:
    """Remove these nodegroups with every node they have."""
    session.execute(sa.delete(Node).where(Node.nodegroup_uuid.in_(uuids)))
    session.execute(sa.delete(Nodegroup).where(Nodegroup.uuid.in_(uuids)))
