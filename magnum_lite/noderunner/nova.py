# SPDX-License-Identifier: Apache-2.0
"""What the node runner asks Nova, as an administrator: which servers have changed, and which were rebooted."""

from __future__ import annotations

import dataclasses
import datetime
import email.utils
from typing import Any

from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions.http import NotFound

from magnum_lite.noderunner.nodes import Server

# 2.3 shows user data to administrators; 2.21 lists the actions of deleted servers too.
MICROVERSION = "2.21"
PAGE = 200
# Nova rounds its times to seconds, and a change is written a little before it is committed.
OVERLAP = datetime.timedelta(seconds=3)
BOOTS = ("reboot", "rebuild")


@dataclasses.dataclass(frozen=True)
class Sighting:
    """A server as a list showed it; ``updated`` changes whenever anything of it does."""

    server: Server
    status: str
    updated: str


@dataclasses.dataclass(frozen=True)
class Listing:
    """The servers that have changed, and the moment that the next look has to begin at."""

    sightings: tuple[Sighting, ...]
    moment: str


class Nova:
    """Nova's API as the adapter reaches it; what keystoneauth raises goes through."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    def changed(self, since: str | None) -> Listing:
        """List the servers of all projects, or those that have changed since a moment, the deleted ones too."""
        query: dict[str, str] = {"all_tenants": "1", "limit": str(PAGE), "sort_key": "uuid"}
        if since is not None:
            query["changes-since"] = since
        found: dict[str, Sighting] = {}
        moment = ""
        while True:
            answer = self._get("/servers/detail", query)
            moment = moment or _moment_of(answer)
            rows = answer.json()["servers"]
            found.update({row["id"]: _sighting(row) for row in rows})
            if len(rows) < PAGE or query.get("marker") == rows[-1]["id"]:
                return Listing(tuple(found.values()), moment)
            query["marker"] = rows[-1]["id"]

    def last_boot(self, server_id: str) -> str:
        """Give the request ID of the newest action that has restarted a server, or nothing."""
        try:
            actions = self._get(f"/servers/{server_id}/os-instance-actions", {}).json()["instanceActions"]
        except NotFound:
            return ""
        boots = [one for one in actions if one["action"] in BOOTS]
        return str(max(boots, key=lambda one: one["start_time"])["request_id"]) if boots else ""

    def _get(self, path: str, query: dict[str, str]) -> Any:
        return self._adapter.get(path, params=query, microversion=MICROVERSION)


def _sighting(row: dict[str, Any]) -> Sighting:
    image = row.get("image") or {}
    server = Server(
        row["id"],
        row["name"],
        row["tenant_id"],
        row["user_id"],
        row.get("OS-EXT-SRV-ATTR:user_data"),
        image.get("id", ""),
    )
    return Sighting(server, row["status"], row["updated"])


def _moment_of(answer: Any) -> str:
    """Give the time by the clock of the one who answered, as that one may be another machine."""
    told = answer.headers.get("Date")
    now = email.utils.parsedate_to_datetime(told) if told else datetime.datetime.now(datetime.UTC)
    return (now.astimezone(datetime.UTC) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
