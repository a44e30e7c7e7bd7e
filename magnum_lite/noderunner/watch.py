# SPDX-License-Identifier: Apache-2.0
"""Has each server's inside follow what Nova says of the server."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import threading
from typing import Protocol

from keystoneauth1.exceptions import ClientException

from magnum_lite.noderunner.nodes import Server
from magnum_lite.noderunner.nova import Listing, Sighting

LOG = logging.getLogger(__name__)

RUNS = frozenset({"ACTIVE", "PASSWORD", "VERIFY_RESIZE"})
STANDS = frozenset({"SHUTOFF", "STOPPED", "SUSPENDED", "PAUSED", "SHELVED", "SHELVED_OFFLOADED", "RESCUE"})
GONE = frozenset({"DELETED", "SOFT_DELETED"})


class Servers(Protocol):
    """What is asked of Nova."""

    def changed(self, since: str | None) -> Listing:
        """List the servers that have changed since a moment."""

    def last_boot(self, server_id: str) -> str:
        """Name the newest action that has restarted a server."""


class Insides(Protocol):
    """What is done to the servers' insides."""

    def begin(self, server: Server) -> None:
        """Boot a server."""

    def end(self, server_id: str, *, forget: bool = False, at_once: bool = False) -> None:
        """End what runs in a server."""

    def known(self) -> list[str]:
        """List the servers that have a disk."""


@dataclasses.dataclass
class Inside:
    """What this runner knows of a server: what its disk was made from, its last boot and Nova's last word."""

    disk: str
    boot: str
    updated: str
    is_on: bool = False


class Watch:
    """Looks again and again; one that fails is logged and tried again at the next look."""

    def __init__(self, nova: Servers, nodes: Insides, *, seconds: float) -> None:
        self._nova = nova
        self._nodes = nodes
        self._seconds = seconds
        self._since: str | None = None
        self._insides: dict[str, Inside] = {}
        self._is_away = False

    def run(self, stopping: threading.Event) -> None:
        """Look until told to stop."""
        while not stopping.is_set():
            try:
                self.look()
                self._say(is_away=False)
            except ClientException as error:
                self._say(is_away=True, why=str(error))
            stopping.wait(self._seconds)

    def look(self) -> None:
        """Ask for what has changed, and have the insides follow; raise what keystoneauth does."""
        listing = self._nova.changed(self._since)
        if self._since is None:
            self._forget_others(listing)
        for sighting in listing.sightings:
            self._follow(sighting)
        self._since = listing.moment

    def _forget_others(self, listing: Listing) -> None:
        """Drop the disks of servers that were deleted while nobody looked."""
        there = {one.server.id for one in listing.sightings}
        for server_id in self._nodes.known():
            if server_id not in there:
                self._nodes.end(server_id, forget=True)

    def _follow(self, sighting: Sighting) -> None:
        ident, known = sighting.server.id, self._insides.get(sighting.server.id)
        if sighting.status in GONE:
            if self._insides.pop(ident, None) is not None:
                self._nodes.end(ident, forget=True)
        elif sighting.status in STANDS:
            self._halt(known, ident)
        elif sighting.status in RUNS and (known is None or not known.is_on or known.updated != sighting.updated):
            self._boot(known, sighting)

    def _halt(self, known: Inside | None, ident: str) -> None:
        if known is not None and known.is_on:
            known.is_on = False
            self._nodes.end(ident)

    def _boot(self, known: Inside | None, sighting: Sighting) -> None:
        """Start what does not run; restart what was rebooted, on a new disk when the server was rebuilt."""
        server, disk = sighting.server, _disk_of(sighting)
        if known is None:
            LOG.info("server %s: %s runs", server.id, server.name)
            self._insides[server.id] = Inside(disk, self._nova.last_boot(server.id), sighting.updated, is_on=True)
            self._nodes.begin(server)
            return
        boot = self._nova.last_boot(server.id)
        is_new, is_rebooted = known.disk != disk, known.boot != boot
        if known.is_on and (is_new or is_rebooted):
            self._nodes.end(server.id, forget=is_new)
        if is_new or is_rebooted or not known.is_on:
            LOG.info("server %s: %s runs again", server.id, server.name)
            self._nodes.begin(server)
        known.disk, known.boot, known.updated, known.is_on = disk, boot, sighting.updated, True

    def _say(self, *, is_away: bool, why: str = "") -> None:
        """Log once when Nova goes away, and once when it is back."""
        if is_away and not self._is_away:
            LOG.warning("Nova cannot be asked: %s", why)
        if self._is_away and not is_away:
            LOG.info("Nova answers again")
        self._is_away = is_away


def _disk_of(sighting: Sighting) -> str:
    """Name what a server's disk is made from."""
    digest = hashlib.sha256((sighting.server.user_data or "").encode()).hexdigest()
    return f"{sighting.image}:{digest}"
