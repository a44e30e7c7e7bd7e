# SPDX-License-Identifier: Apache-2.0
"""Queries for the conductors that live."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.model import Service


def beat(session: Session, host: str, binary: str, now: datetime.datetime) -> None:
    """Write down that a process lives. Call it inside ``Store.transact``: two first beats race for the row."""
    row = session.scalars(sa.select(Service).where(Service.host == host, Service.binary == binary)).first()
    if row is None:
        session.add(
            Service(
                host=host,
                binary=binary,
                report_count=1,
                disabled=False,
                disabled_reason=None,
                last_seen_up=now,
                created_at=now,
                updated_at=None,
            )
        )
        return
    row.report_count += 1
    row.last_seen_up = now
    row.updated_at = now


def list_(session: Session) -> list[Service]:
    return list(session.scalars(sa.select(Service).order_by(Service.id)))
