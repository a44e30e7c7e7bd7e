# SPDX-License-Identifier: Apache-2.0
"""Refuses every connection and datagram of a Python process that is not meant for the loopback address."""

import ipaddress
import sys
from typing import Any

DIALLING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
NAMES = frozenset({"localhost", ""})


def install() -> None:
    """Watch this process from now on. It cannot be undone."""
    sys.addaudithook(_watch)


def is_loopback(host: str) -> bool:
    """Tell whether the host is this machine's own loopback address; of names only localhost is."""
    if host in NAMES:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in DIALLING:
        return
    address = arguments[1]
    # A file name is a Unix socket; numbers are a netlink socket.
    if isinstance(address, tuple) and isinstance(address[0], str) and not is_loopback(address[0]):
        raise PermissionError(f"{event} to {address[0]} refused: tests stay on the loopback address")
