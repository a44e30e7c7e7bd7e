# SPDX-License-Identifier: Apache-2.0
"""Queries for the CA certificates of clusters."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import Authority


def by_kind(session: Session, cluster_uuid: str) -> dict[str, str]:
    """Give the CA certificates of a cluster, PEM by kind; empty before they were made."""
    query = sa.select(Authority.kind, Authority.pem).where(Authority.cluster_uuid == cluster_uuid)
    return dict(session.execute(query).all())


def put(session: Session, cluster_uuid: str, pems: Mapping[str, str], now: datetime.datetime) -> None:
    """Keep the CA certificates of a cluster; those that are there already stay."""
    known = by_kind(session, cluster_uuid)
    for kind, pem in pems.items():
        if kind not in known:
            session.add(Authority(cluster_uuid=cluster_uuid, kind=kind, pem=pem, created_at=now))
