# SPDX-License-Identifier: Apache-2.0
"""Has each server's inside follow what Nova says of the server."""

from __future__ import annotations

import dataclasses
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
    """What this runner knows of a server: its last boot and Nova's last word."""

    boot: str
    updated: str
    is_on: bool


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
        """Start what does not run, and restart what was rebooted or rebuilt."""
        server, boot = sighting.server, self._nova.last_boot(sighting.server.id)
        self._insides[server.id] = Inside(boot, sighting.updated, is_on=True)
        is_on = known is not None and known.is_on
        if known is not None and is_on and known.boot == boot:
            return
        LOG.info("server %s: %s %s", server.id, server.name, "runs" if known is None else "runs again")
        if is_on:
            self._nodes.end(server.id)
        self._nodes.begin(server)

    def _say(self, *, is_away: bool, why: str = "") -> None:
        """Log once when Nova goes away, and once when it is back."""
        if is_away and not self._is_away:
            LOG.warning("Nova cannot be asked: %s", why)
        if self._is_away and not is_away:
            LOG.info("Nova answers again")
        self._is_away = is_away
