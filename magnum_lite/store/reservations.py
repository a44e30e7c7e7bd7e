# SPDX-License-Identifier: Apache-2.0
"""Reservations: who may work on a cluster now."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from magnum_lite.errors import ReservationLost
from magnum_lite.model import Reservation


@dataclass(frozen=True)
class Hold:
    """One conductor's hold on a cluster; the fence number is higher than that of every hold before."""

    cluster_uuid: str
    owner: str
    fence: int


def add(session: Session, cluster_uuid: str, now: datetime.datetime) -> None:
    """Make a new cluster one that can be taken."""
    session.add(Reservation(cluster_uuid=cluster_uuid, owner=None, fence=0, expires_at=now, is_wanted_again=False))


def take(session: Session, cluster_uuid: str, owner: str, now: datetime.datetime, seconds: float) -> Hold | None:
    """Take a cluster, or ask its holder to look once more and give ``None``.

    ``None`` too for a cluster that is gone. A hold that was not renewed for ``seconds`` may be taken over.
    """
    mine = Reservation.cluster_uuid == cluster_uuid
    for _ in range(2):
        free = sa.or_(Reservation.owner.is_(None), Reservation.expires_at < now)
        values = {"owner": owner, "fence": Reservation.fence + 1, "expires_at": _until(now, seconds)}
        if _rows(session, sa.update(Reservation).where(mine, free).values({**values, "is_wanted_again": False})):
            return Hold(cluster_uuid, owner, session.scalars(sa.select(Reservation.fence).where(mine)).one())
        # The holder may have let go just now: then nobody would see the mark, and the cluster is tried again.
        if _rows(session, sa.update(Reservation).where(mine, sa.not_(free)).values(is_wanted_again=True)):
            return None
    return None


def renew(session: Session, hold: Hold, now: datetime.datetime, seconds: float) -> None:
    """Hold a cluster for ``seconds`` from now; raise ``ReservationLost`` when another conductor has taken it.

    Called first in every transaction that writes what a step learnt, it keeps a conductor that was thought dead from
    writing over its successor's work.
    """
    if not _rows(session, sa.update(Reservation).where(*_held(hold)).values(expires_at=_until(now, seconds))):
        raise ReservationLost(f"cluster {hold.cluster_uuid} is held by another conductor now")


def renew_all(
    session: Session, owner: str, cluster_uuids: Collection[str], now: datetime.datetime, seconds: float
) -> None:
    """Renew an owner's holds on these clusters, as far as they have not run out."""
    mine = sa.and_(Reservation.owner == owner, Reservation.cluster_uuid.in_(cluster_uuids))
    query = sa.update(Reservation).where(mine, Reservation.expires_at >= now)
    session.execute(query.values(expires_at=_until(now, seconds)))


def release(session: Session, hold: Hold) -> bool:
    """Let a cluster go and say ``True``; keep it and say ``False`` when somebody asked for another look meanwhile.

    Letting go what is no longer held is no error: it says ``True``.
    """
    mark = Reservation.is_wanted_again
    if _rows(session, sa.update(Reservation).where(*_held(hold), mark.is_(False)).values(owner=None)):
        return True
    return not _rows(session, sa.update(Reservation).where(*_held(hold)).values(is_wanted_again=False))


def give_up(session: Session, hold: Hold) -> None:
    """Let a cluster go even if somebody asked for another look."""
    session.execute(sa.update(Reservation).where(*_held(hold)).values(owner=None, is_wanted_again=False))


def _held(hold: Hold) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Reservation.cluster_uuid == hold.cluster_uuid,
        Reservation.owner == hold.owner,
        Reservation.fence == hold.fence,
    )


def _until(now: datetime.datetime, seconds: float) -> datetime.datetime:
    return now + datetime.timedelta(seconds=seconds)


def _rows(session: Session, statement: sa.Update) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
