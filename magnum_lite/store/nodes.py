# SPDX-License-Identifier: Apache-2.0
"""Queries for nodes, as their agents ask for them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.errors import NotFound
from magnum_lite.model import Cluster, Node


@dataclass(frozen=True)
class Standing:
    """A node as far as its agent's requests need it: read with one statement."""

    uuid: str
    cluster_uuid: str
    name: str
    token_hash: str | None
    state: str
    address: str | None
    version: str
    """Changes whenever the node's document does: ``<cluster generation>-<node generation>``."""


@dataclass(frozen=True)
class Report:
    """What an agent says of its node."""

    generation: int
    state: str
    message: str | None
    phases: Sequence[Mapping[str, Any]] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def get_standing(session: Session, uuid: str) -> Standing:
    """Give a node's standing; raise ``NotFound``."""
    columns = (Node.uuid, Node.cluster_uuid, Node.name, Node.token_hash, Node.state, Node.address)
    query = sa.select(*columns, Cluster.generation, Node.generation).join(Cluster, Cluster.uuid == Node.cluster_uuid)
    row = session.execute(query.where(Node.uuid == uuid)).first()
    if row is None:
        raise NotFound("Node", uuid)
    return Standing(row[0], row[1], row[2], row[3], row[4], row[5], f"{row[6]}-{row[7]}")


def record(session: Session, uuid: str, report: Report, now: datetime.datetime) -> None:
    """Write a report down with one statement."""
    session.execute(
        sa.update(Node)
        .where(Node.uuid == uuid)
        .values(
            state=report.state,
            message=report.message,
            phases=[dict(phase) for phase in report.phases],
            versions=dict(report.versions),
            reported_generation=report.generation,
            last_report_at=now,
        )
    )
