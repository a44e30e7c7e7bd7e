# SPDX-License-Identifier: Apache-2.0
"""Nova: flavors and keypairs that requests name, and servers that nobody else deletes."""

from __future__ import annotations

import contextlib
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from novaclient import client as novaclient
from novaclient.exceptions import NotFound as NovaNotFound

from magnum_lite.clouds.naming import is_path_segment, only, quoted
from magnum_lite.clouds.session import NOVA, CloudSession
from magnum_lite.clouds.translation import translated
from magnum_lite.errors import CloudNotFound, NotFound

MOST_KNOWN = 1000


@dataclass(frozen=True)
class Flavor:
    """A size of servers: memory in MiB, root disk in GiB."""

    id: str
    name: str
    ram: int
    vcpus: int
    disk: int


@dataclass(frozen=True)
class Keypair:
    """The public half of an SSH key pair, under the name its user gave it."""

    name: str
    public_key: str


def get_flavor(
    session: CloudSession, ident: str, *, field: str = "flavor_id", known: MutableMapping[str, str] | None = None
) -> Flavor:
    """Give the flavor with this ID or name; raise ``InvalidField`` that names the field.

    Nova cannot search by name, so a name costs two calls: one for the ID, one for a page of up to 1,000 flavors. With
    ``known``, IDs by name that are kept from call to call, it costs one from the second time on.
    """
    known = {} if known is None else known
    for candidate in dict.fromkeys((known.get(ident, ident), ident)):
        one = _find_flavor_by_id(session, candidate)
        if one is not None and ident in (one.id, one.name):
            return one
    with translated(NOVA.name):
        rows = [row.to_dict() for row in _client(session).flavors.list(is_public=None)]
        found = [_flavor(row) for row in rows if row["name"] == ident]
    flavor = only(found, field, ident, "a flavor")
    _remember(known, flavor)
    return flavor


def _remember(known: MutableMapping[str, str], flavor: Flavor) -> None:
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[flavor.name] = flavor.id


def get_keypair(session: CloudSession, name: str) -> Keypair:
    """Give the requester's own keypair of this name; raise ``NotFound``."""
    if not is_path_segment(name):
        raise NotFound("Keypair", name)
    with translated(NOVA.name):
        try:
            row = _client(session).keypairs.get(quoted(name)).to_dict()
        except NovaNotFound as error:
            raise NotFound("Keypair", name) from error
        return Keypair(str(row["name"]), str(row["public_key"]))


def delete_server(session: CloudSession, server_id: str) -> None:
    """Ask for a server to go, and with it the port that Nova made for it; it may be gone already."""
    with contextlib.suppress(CloudNotFound), translated(NOVA.name):
        _client(session).servers.delete(server_id)


def _find_flavor_by_id(session: CloudSession, ident: str) -> Flavor | None:
    if not is_path_segment(ident):
        return None
    with translated(NOVA.name):
        try:
            return _flavor(_client(session).flavors.get(quoted(ident)).to_dict())
        except NovaNotFound:
            return None


def _flavor(row: dict[str, Any]) -> Flavor:
    return Flavor(str(row["id"]), str(row["name"]), int(row["ram"]), int(row["vcpus"]), int(row["disk"]))


def _client(session: CloudSession) -> Any:
    return novaclient.Client(
        NOVA.version,
        session=session,
        region_name=session.region_name,
        endpoint_type=session.interface,
        connect_retries=session.get_retries,
    )
