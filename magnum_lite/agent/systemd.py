# SPDX-License-Identifier: Apache-2.0
"""A machine with systemd and podman, such as a node's Fedora CoreOS."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

from magnum_lite.agent.api_server import APIServer
from magnum_lite.agent.commands import Commands
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.download import LARGEST, verified
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.podman import Podman
from magnum_lite.agent.probe import probe
from magnum_lite.agent.programs import Programs
from magnum_lite.agent.state import FOLDER
from magnum_lite.nodeconf import Binary, Source, Unit

UNIT_FOLDER = "/etc/systemd/system"
UNITS_FILE = f"{FOLDER}/units.json"
DOWNLOADS = f"{FOLDER}/downloads"
AUTHORITIES = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
RESTORECON = "/usr/sbin/restorecon"
LARGEST_DOWNLOAD = 32 * 1024 * 1024
# Units may take up to 15 minutes to start (TimeoutStartSec), and to stop.
UNIT_SECONDS = 960.0
AT_REST = frozenset({"inactive", "failed"})


class SystemdHost:
    """A ``Host``; ``commands`` are the machine's own programs, by default as its first process sees them."""

    def __init__(self, disk: Disk, wait: Callable[[float], None], commands: Commands | None = None) -> None:
        own = Commands() if disk.root == Path("/") else Commands.inside(1)
        self._disk = disk
        self._commands = own if commands is None else commands
        self._podman = Podman(self._commands)
        self._programs = Programs(disk, self._verified, self._label)
        self._is_changed = False

    def image_digest(self, image: str) -> str | None:
        return self._podman.digest(image)

    def pull(self, image: str) -> None:
        self._podman.pull(image)

    def has_binary(self, binary: Binary) -> bool:
        return self._programs.has(binary)

    def fetch(self, binary: Binary) -> None:
        self._programs.fetch(binary)

    def download(self, source: Source) -> bytes:
        with self._verified(source, LARGEST_DOWNLOAD) as file:
            return file.read()

    def units(self) -> frozenset[str]:
        return frozenset(json.loads(self._disk.find(UNITS_FILE) or b"[]"))

    def write_unit(self, unit: Unit) -> None:
        # First the list, then the file: a unit that is cut here can still be found and removed.
        self._list_units(self.units() | {unit.name})
        self._is_changed |= self._disk.write(f"{UNIT_FOLDER}/{unit.name}", unit.content)
        if self._systemctl("is-enabled", "--quiet", unit.name, may_fail=True) != 0:
            self._systemctl("enable", "--no-reload", "--quiet", unit.name)
            self._is_changed = True

    def remove_unit(self, name: str) -> None:
        if self._state(name) not in AT_REST:
            raise HostFailed(f"unit {name} still runs, so it cannot be removed")
        if self._disk.find(f"{UNIT_FOLDER}/{name}") is not None:
            self._systemctl("disable", "--no-reload", "--quiet", name)
            self._disk.remove(f"{UNIT_FOLDER}/{name}")
        self._is_changed = True
        self._list_units(self.units() - {name})

    def reload(self) -> None:
        if self._is_changed or self._is_outdated():
            self._systemctl("daemon-reload")
        self._is_changed = False

    def start(self, name: str) -> None:
        try:
            self._systemctl("start", name, seconds=UNIT_SECONDS)
        except HostFailed as error:
            raise HostFailed(f"unit {name} failed: {self._reason(name) or error}") from error

    def stop(self, name: str) -> None:
        if self._state(name) not in AT_REST:
            self._systemctl("stop", name, seconds=UNIT_SECONDS)

    def is_active(self, name: str) -> bool:
        return self._state(name) == "active"

    def is_mounted(self, path: str) -> bool:
        return os.path.ismount(self._disk.at(path))

    def probe(self, url: str) -> bool:
        return probe(url, self._disk)

    def kubernetes(self, kubeconfig: str) -> APIServer:
        return APIServer(self._disk, kubeconfig)

    def _reason(self, name: str) -> str | None:
        """Say how a unit ended and what it said last, unless it did not run at all."""
        result = self._property("Result", name)
        if result == "success":
            return None
        log = self._commands.run("journalctl", f"_SYSTEMD_UNIT={name}", "--lines=3", "--output=cat", "--no-pager")
        return f"{result}; its log ends with: {log.last_words()}"

    def _state(self, name: str) -> str:
        return self._property("ActiveState", name)

    def _is_outdated(self) -> bool:
        """Tell whether systemd has read another file than lies there now: a killed agent may have left it so."""
        return bool(self.units()) and "yes" in self._property("NeedDaemonReload", *sorted(self.units())).split()

    def _property(self, name: str, *units: str) -> str:
        return self._commands.run("systemctl", "show", f"--property={name}", "--value", *units).out.strip()

    def _systemctl(self, *words: str, seconds: float = 60.0, may_fail: bool = False) -> int:
        codes = range(256) if may_fail else (0,)
        return self._commands.run("systemctl", *words, seconds=seconds, may_end_with=codes).code

    def _list_units(self, names: frozenset[str]) -> None:
        self._disk.write(UNITS_FILE, json.dumps(sorted(names)), 0o600)

    def _verified(self, source: Source, largest: int = LARGEST) -> contextlib.AbstractContextManager[IO[bytes]]:
        bundle = self._disk.at(AUTHORITIES)
        authorities = bundle if bundle.exists() else None
        return verified(source, self._disk.at(DOWNLOADS), authorities=authorities, largest=largest)

    def _label(self, path: str) -> None:
        """Give a new program the SELinux label of its place."""
        if self._disk.at(RESTORECON).exists():
            self._commands.run("restorecon", path)
