# SPDX-License-Identifier: Apache-2.0
"""Where a node has the time from, as chrony is told (chrony.conf(5), sourcedir)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from magnum_lite.model.labels import Kind

PATH = "/etc/chrony/sources.d/cluster.sources"
SERVER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")


def servers() -> Kind[tuple[str, ...]]:
    """Take time servers."""

    def read(given: str) -> tuple[str, ...]:
        found = tuple(word for word in re.split(r"[,;\s]+", given) if word)
        render(found)
        return found

    return Kind("list", "names or addresses of time servers, separated by commas or blanks", read)


def render(wanted: Sequence[str]) -> str:
    """Give one line per server, or pool of servers; raise ``ValueError`` for what is neither a name nor an address."""
    for server in wanted:
        if not SERVER.fullmatch(server):
            raise ValueError(f"{server!r} is neither a host's name nor its address")
    return "".join(f"pool {server} iburst\n" for server in wanted)
