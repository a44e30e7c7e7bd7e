# SPDX-License-Identifier: Apache-2.0
"""The phase that finds out how this node's etcd is to start: with its data, as a beginning, or as one that joins.

What etcd does with flags alone loses data: a member whose disk is empty and that is told to begin may give its vote a
second time, and one that joins under its old identity lacks what it has promised to keep. So an old identity is taken
back before its successor is added, only while a majority goes on without it, and until then etcd cannot start here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.etcd import Etcd, Member
from magnum_lite.agent.web import CertPair, Trust
from magnum_lite.nodeconf import Membership

LOG = logging.getLogger(__name__)
BEGIN = "new"
JOIN = "existing"
# With no members to begin or join with, etcd starts only where its log is.
ONLY_WITH_DATA: Mapping[str, str] = {}


@dataclass(frozen=True)
class View:
    """What one member says of all, with the healthy ones among those of the document but this one."""

    etcd: Etcd
    members: tuple[Member, ...]
    healthy: frozenset[str]

    def check_quorum(self, leaving: Member) -> None:
        """Raise ``HostFailed`` unless a majority of the members goes on without this one."""
        majority = len(self.members) // 2 + 1
        if len(self.healthy) < majority:
            raise HostFailed(
                f"etcd's member {leaving.name or leaving.url} is not removed: {len(self.healthy)} others are healthy, "
                f"and {majority} of {len(self.members)} are needed"
            )


def run(course: Course) -> None:
    wish = course.document.etcd
    if wish is None:
        return
    if wish.mount is not None and not course.host.is_mounted(wish.mount):
        raise HostFailed(f"nothing is mounted on {wish.mount}, so nobody knows what data etcd has")
    if _has_log(course, wish):
        _write(course, wish, JOIN, ONLY_WITH_DATA)
        return
    view = _look(course, wish)
    if view is None:
        _begin(course, wish)
    else:
        _join(course, wish, view)


def _has_log(course: Course, wish: Membership) -> bool:
    """Tell whether etcd has begun here: it takes the node for new as long as it has no log."""
    return any(course.disk.at(f"{wish.data}/member/wal").glob("*.wal"))


def _look(course: Course, wish: Membership) -> View | None:
    """Ask the other members; ``None`` when none of them is part of a working cluster."""
    trust = _trust(course, wish)
    answers = {name: Etcd(url, trust) for name, url in wish.clients.items()}
    healthy = {name: etcd for name, etcd in answers.items() if etcd.is_healthy()}
    for etcd in healthy.values():
        return View(etcd, etcd.members(), frozenset(wish.members[name] for name in healthy))
    return None


def _begin(course: Course, wish: Membership) -> None:
    """Begin a cluster with all members of the document, unless there has been one."""
    known = course.disk.find(wish.environment)
    if known is not None and known.decode() == _text(JOIN, ONLY_WITH_DATA):
        raise HostFailed("etcd's data on this node is lost and no other member answers, so it cannot join them again")
    if not wish.may_begin:
        raise HostFailed("etcd has no data on this node and no other member answers, so it cannot join them")
    _write(course, wish, BEGIN, wish.members)


def _join(course: Course, wish: Membership, view: View) -> None:
    url = wish.members[wish.name]
    own = next((one for one in view.members if one.url == url), None)
    if own is None or own.client is not None:
        view = _take_back(course, wish, view, own)
    _write(course, wish, JOIN, _named(wish, view.members))


def _take_back(course: Course, wish: Membership, view: View, own: Member | None) -> View:
    """End what this node was to the cluster and have it expected anew."""
    _write(course, wish, JOIN, ONLY_WITH_DATA)
    if own is not None:
        view.check_quorum(own)
    course.host.stop(wish.unit)
    _put_aside(course, wish)
    if own is not None:
        view.etcd.remove(own)
        LOG.info("etcd's member %s (%s) has lost its data and is taken back", wish.name, own.ident)
    _remove_dead_strangers(course, wish, view)
    members = view.etcd.add(wish.members[wish.name])
    LOG.info("etcd's member %s is added", wish.name)
    return replace(view, members=members)


def _remove_dead_strangers(course: Course, wish: Membership, view: View) -> None:
    """Take back members that the cluster no longer wants and that are gone, in whose place this one comes."""
    trust, wanted = _trust(course, wish), set(wish.members.values())
    for member in view.members:
        # One that never started may be another node's that was added a moment ago.
        if member.url in wanted or member.client is None or Etcd(member.client, trust).is_healthy():
            continue
        view.check_quorum(member)
        view.etcd.remove(member)
        LOG.info("etcd's member %s (%s) is gone and is taken back", member.name, member.ident)


def _put_aside(course: Course, wish: Membership) -> None:
    """Keep what lies there without a log under another name: it is of no use to etcd, but maybe to somebody."""
    place = course.disk.at(wish.data)
    if place.is_dir() and any(place.iterdir()):
        aside = place.with_name(f"{place.name}-without-log-{time.time_ns()}")
        place.rename(aside)
        LOG.warning("%s had no log and is kept as %s", wish.data, aside.name)


def _named(wish: Membership, members: tuple[Member, ...]) -> Mapping[str, str]:
    """Give every member's URL by its name; one that was just added has none yet but in the document."""
    known = {url: name for name, url in wish.members.items()}
    return {known.get(one.url) or one.name or f"member-{one.ident}": one.url for one in members}


def _trust(course: Course, wish: Membership) -> Trust:
    """Give whom this member believes, and with what it proves itself."""
    disk = course.disk
    pair = CertPair(disk.at(f"{wish.certificate}.key"), disk.at(f"{wish.certificate}.crt"))
    return Trust(disk.at(wish.authority).read_text(), client=pair)


def _write(course: Course, wish: Membership, state: str, members: Mapping[str, str]) -> None:
    course.disk.write(wish.environment, _text(state, members), 0o600)


def _text(state: str, members: Mapping[str, str]) -> str:
    """Give the variables of etcd's unit; what they hold was checked with the document, or is etcd's own."""
    return f'MEMBERS="{",".join(f"{name}={url}" for name, url in members.items())}"\nSTATE="{state}"\n'
