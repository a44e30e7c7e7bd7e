# SPDX-License-Identifier: Apache-2.0
"""Machines made of network namespaces: each node has one, with its own address on a network that is nobody else's."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

NETNS = Path("/run/netns")
CLONE_NEWNET = 0x40000000
PREFIX = 24
SECONDS = 30
Result = TypeVar("Result")
LIBC = ctypes.CDLL(None, use_errno=True)


class NoNamespaces(Exception):
    """This machine does not let us make network namespaces."""


@contextlib.contextmanager
def network(addresses: Mapping[str, str]) -> Iterator[None]:
    """Give every name a network namespace with its address; they meet at a bridge in one more namespace."""
    hub = f"mlk{os.getpid()}-hub"
    with contextlib.ExitStack() as stack:
        _make(hub, stack)
        _in(hub, "link", "add", "hub", "type", "bridge")
        _in(hub, "link", "set", "hub", "up")
        for number, (name, address) in enumerate(addresses.items()):
            _make(name, stack)
            _in(name, "link", "add", "node", "type", "veth", "peer", "name", f"port{number}", "netns", hub)
            _in(hub, "link", "set", f"port{number}", "master", "hub", "up")
            _in(name, "address", "add", f"{address}/{PREFIX}", "dev", "node")
            _in(name, "link", "set", "lo", "up")
            _in(name, "link", "set", "node", "up")
            _in(name, "route", "add", "default", "dev", "node")
        yield


def command(name: str, *words: str) -> list[str]:
    """Give a command line that runs in a namespace; ``ip netns exec`` would hide the control groups."""
    return ["nsenter", f"--net={NETNS / name}", *words]


def called(name: str, call: Callable[[], Result]) -> Result:
    """Call something in a thread that is in a namespace: sockets that it makes stay there."""
    found: list[Result] = []

    def enter() -> None:
        with (NETNS / name).open() as file:
            assert LIBC.setns(file.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        found.append(call())

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    (result,) = found
    return result


def _make(name: str, stack: contextlib.ExitStack) -> None:
    try:
        _ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoNamespaces(f"no network namespace can be made: {error}") from error
    stack.callback(_ip, "netns", "delete", name)


def _in(name: str, *words: str) -> None:
    _ip("-netns", name, *words)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=SECONDS)
