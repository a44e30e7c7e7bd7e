# SPDX-License-Identifier: Apache-2.0
"""A machine that exists only as files below a root: it keeps what a real one would keep and says no where one would."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.machine import mismatch, source_of
from magnum_lite.agent.simulated_kubernetes import SimulatedKubernetes
from magnum_lite.agent.wish import pinned_digest
from magnum_lite.nodeconf import Binary, Source, Unit

STATE_FILE = "/var/lib/simulated-host/state.json"
SIMULATE_FILE = "/simulate.json"
UNIT_FOLDER = "/etc/systemd/system"
# What the real program would leave behind, by which the agent knows that it has begun.
ETCD_DATA = re.compile(r"--data-dir=(/[\w/.-]+)")
ETCD_LOG = "member/wal/0000000000000000-0000000000000000.wal"
SETTING = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Trouble:
    """What ``simulate.json`` makes go wrong or slow, read before every action.

    ``fail_pull`` is part of an image's name: its pulls fail for good, or only the first ``fail_pull_times``;
    ``fail_fetch`` is part of a binary's name and works alike; downloads of binaries with ``mismatch`` in their name
    have another SHA-256; ``fail_unit`` is a unit whose start fails, always or the first ``fail_unit_times``;
    ``fail_apply`` is an object (``Deployment kube-system/coredns``) that Kubernetes refuses, and
    with ``is_unready`` it never calls the node ready.
    """

    fail_pull: str | None = None
    fail_pull_times: int | None = None
    fail_fetch: str | None = None
    fail_fetch_times: int | None = None
    mismatch: str | None = None
    fail_unit: str | None = None
    fail_unit_times: int | None = None
    fail_apply: str | None = None
    is_unready: bool = False
    pull_seconds: float = 0.0
    fetch_seconds: float = 0.0
    start_seconds: float = 0.0

    @classmethod
    def read(cls, disk: Disk) -> Self:
        try:
            return cls(**json.loads(disk.find(SIMULATE_FILE) or b"{}"))
        except (ValueError, TypeError) as error:
            raise HostFailed(f"{SIMULATE_FILE} cannot be read: {error}") from error


@dataclass
class Running:
    """One unit as the machine's systemd knows it; times are seconds since the epoch."""

    image: str | None
    ready: str | None
    loaded: str | None = None
    is_active: bool = False
    started_at: float = 0.0
    starts: int = 0
    failures: int = 0


@dataclass
class Machine:
    """``images`` and ``binaries`` map a name to its digest, ``failed`` maps one to how often it could not be had."""

    images: dict[str, str] = field(default_factory=dict)
    binaries: dict[str, str] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    units: dict[str, Running] = field(default_factory=dict)

    @classmethod
    def read(cls, disk: Disk) -> Self:
        raw: dict[str, Any] = json.loads(disk.find(STATE_FILE) or b"{}")
        return cls(**{**raw, "units": {name: Running(**one) for name, one in raw.get("units", {}).items()}})

    def save(self, disk: Disk) -> None:
        disk.write(STATE_FILE, json.dumps(dataclasses.asdict(self), indent=1, sort_keys=True), 0o600)


class SimulatedHost:
    """A ``Host`` below the disk's root; ``wait`` is how it spends the seconds a real machine would need."""

    def __init__(self, disk: Disk, wait: Callable[[float], None]) -> None:
        self._disk = disk
        self._wait = wait
        self._machine = Machine.read(disk)

    def image_digest(self, image: str) -> str | None:
        return self._machine.images.get(image)

    def pull(self, image: str) -> None:
        digest = pinned_digest(image)
        trouble = Trouble.read(self._disk)
        self._wait(trouble.pull_seconds)
        if trouble.fail_pull is not None and trouble.fail_pull in image:
            self._fail(image, f"image {image} cannot be pulled", "manifest unknown", trouble.fail_pull_times)
        self._machine.images[image] = digest
        self._machine.save(self._disk)

    def has_binary(self, binary: Binary) -> bool:
        wanted = source_of(binary).sha256
        laid = (self._disk.find(path) for path in binary.paths.values())
        return self._machine.binaries.get(binary.name) == wanted and all(one == _program(wanted) for one in laid)

    def fetch(self, binary: Binary) -> None:
        source, trouble = source_of(binary), Trouble.read(self._disk)
        self._wait(trouble.fetch_seconds)
        if trouble.fail_fetch is not None and trouble.fail_fetch in binary.name:
            self._fail(binary.name, f"{source.url} cannot be downloaded", "not found", trouble.fail_fetch_times)
        if trouble.mismatch is not None and trouble.mismatch in binary.name:
            raise mismatch(source, hashlib.sha256(b"another").hexdigest())
        for path in binary.paths.values():
            self._disk.write(path, _program(source.sha256), 0o755)
        self._machine.binaries[binary.name] = source.sha256
        self._machine.save(self._disk)

    def download(self, source: Source) -> bytes:
        """Give nothing: this machine has no network."""
        return b""

    def kubernetes(self, kubeconfig: str) -> SimulatedKubernetes:
        return SimulatedKubernetes(
            self._disk,
            is_ready=lambda name: self.is_active("kubelet.service") and not Trouble.read(self._disk).is_unready,
            refused=lambda: Trouble.read(self._disk).fail_apply,
        )

    def units(self) -> frozenset[str]:
        return frozenset(self._machine.units)

    def write_unit(self, unit: Unit) -> None:
        known = self._machine.units.setdefault(unit.name, Running(unit.image, unit.ready))
        known.image, known.ready = unit.image, unit.ready
        # First the entry, then the file: a unit that is cut here can still be found and removed.
        self._machine.save(self._disk)
        self._disk.write(f"{UNIT_FOLDER}/{unit.name}", unit.content)

    def remove_unit(self, name: str) -> None:
        if self.is_active(name):
            raise HostFailed(f"unit {name} still runs, so it cannot be removed")
        self._disk.remove(f"{UNIT_FOLDER}/{name}")
        self._machine.units.pop(name, None)
        self._machine.save(self._disk)

    def reload(self) -> None:
        for name, unit in self._machine.units.items():
            unit.loaded = self._digest(name)
        self._machine.save(self._disk)

    def start(self, name: str) -> None:
        unit, trouble = self._loaded(name), Trouble.read(self._disk)
        settings = SETTING.findall(self._text(name))
        self._check_start(name, unit, settings)
        if name == trouble.fail_unit and unit.failures < (trouble.fail_unit_times or unit.failures + 1):
            unit.failures += 1
            self._machine.save(self._disk)
            raise HostFailed(f"unit {name} failed: the main process exited with status 1")
        is_oneshot = ("Type", "oneshot") in settings
        if is_oneshot:
            self._wait(trouble.start_seconds)
        unit.is_active = not is_oneshot or ("RemainAfterExit", "yes") in settings
        unit.started_at, unit.starts = time.time(), unit.starts + 1
        self._machine.save(self._disk)
        for folder in ETCD_DATA.findall(self._text(name)):
            self._disk.write(f"{folder}/{ETCD_LOG}", "")

    def stop(self, name: str) -> None:
        if self.is_active(name):
            self._machine.units[name].is_active = False
            self._machine.save(self._disk)

    def is_active(self, name: str) -> bool:
        unit = self._machine.units.get(name)
        return unit is not None and unit.is_active

    def is_mounted(self, path: str) -> bool:
        """Say yes: volumes are not simulated."""
        return True

    def probe(self, url: str) -> bool:
        serving = [unit for unit in self._machine.units.values() if unit.ready == url and unit.is_active]
        seconds = Trouble.read(self._disk).start_seconds
        return any(time.time() - unit.started_at >= seconds for unit in serving)

    def _fail(self, name: str, complaint: str, reason: str, times: int | None) -> None:
        if times is None:
            raise HostFailed(f"{complaint}: {reason}", is_final=True)
        failed = self._machine.failed.get(name, 0)
        if failed < times:
            self._machine.failed[name] = failed + 1
            self._machine.save(self._disk)
            raise HostFailed(f"{complaint}: connection reset by peer")

    def _check_start(self, name: str, unit: Running, settings: Iterable[tuple[str, str]]) -> None:
        if unit.image is not None and unit.image not in self._machine.images:
            raise HostFailed(f"unit {name} failed: its image {unit.image} is not on the machine")
        needed = (value for key, value in settings if key == "EnvironmentFile" and not value.startswith("-"))
        for path in needed:
            if self._disk.find(path) is None:
                raise HostFailed(f"unit {name} failed: its environment file {path} is missing")

    def _loaded(self, name: str) -> Running:
        unit = self._machine.units.get(name)
        if unit is None or unit.loaded is None:
            raise HostFailed(f"unit {name} is not known to systemd")
        if unit.loaded != self._digest(name):
            raise HostFailed(f"the file of unit {name} changed on disk, but systemd has not read it again")
        return unit

    def _text(self, name: str) -> str:
        return (self._disk.find(f"{UNIT_FOLDER}/{name}") or b"").decode()

    def _digest(self, name: str) -> str:
        return hashlib.sha256(self._text(name).encode()).hexdigest()


def _program(sha256: str) -> bytes:
    return f"In place of the program from the download with the SHA-256 {sha256}.\n".encode()
