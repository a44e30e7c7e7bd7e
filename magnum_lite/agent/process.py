# SPDX-License-Identifier: Apache-2.0
"""A machine whose units run as plain processes, with the very command lines they have on a real node.

For tests and trials on one machine: no image is pulled, the programs come from folders that are given. A unit of which
there is no program, or that would change the machine itself, only pretends to run, and the log says so.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from magnum_lite.agent.api_server import APIServer
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.download import verified
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.kubernetes import Kubernetes
from magnum_lite.agent.probe import probe
from magnum_lite.agent.rooms.course import ACTIVE, ENDED, QUIET, WAITING
from magnum_lite.agent.rooms.keeper import NOT_RUN
from magnum_lite.agent.rooms.programs import LentPrograms
from magnum_lite.agent.rooms.room import Reading, Room
from magnum_lite.agent.rooms.service import Service
from magnum_lite.agent.rooms.units import UnitReader
from magnum_lite.agent.simulated import UNIT_FOLDER, SimulatedHost
from magnum_lite.agent.systemd import DOWNLOADS, LARGEST_DOWNLOAD
from magnum_lite.agent.unit_file import UnitFile
from magnum_lite.nodeconf import Binary, Source, Unit

LOG = logging.getLogger(__name__)
BETWEEN_LOOKS = 0.05
START_SECONDS = 90.0
KILL_SECONDS = 5.0
KUBELET = "kubelet.service"


@dataclass(frozen=True)
class Means:
    """What the machine gives a node.

    ``programs`` are folders, the first that has a program wins; ``downloads`` is a folder of files that are recognised
    by their SHA-256, ``None`` when they come from where they are published. ``is_whole_node`` lets units run that
    change the machine itself. All that runs ends with the process ``owner``, or with the machine.
    """

    programs: tuple[Path, ...] = ()
    downloads: Path | None = None
    is_whole_node: bool = False
    owner: int | None = None


class ProcessHost:
    """A ``Host`` below the disk's root; what it cannot run is left to a simulated one."""

    def __init__(self, disk: Disk, wait: Callable[[float], None], means: Means) -> None:
        self._disk = disk
        self._wait = wait
        self._means = means
        self._programs = LentPrograms(means.programs)
        self._units = UnitReader(disk, self._programs, is_whole_node=means.is_whole_node)
        self._simulated = SimulatedHost(disk, wait)
        self._ready: dict[str, str | None] = {}
        self.room = Room(disk, self._programs.to_show, means.owner)

    def image_digest(self, image: str) -> str | None:
        return self._simulated.image_digest(image)

    def pull(self, image: str) -> None:
        self._simulated.pull(image)
        LOG.info("image %s is not pulled: programs of this machine take its place", image)

    def has_binary(self, binary: Binary) -> bool:
        lent = self._lent(binary)
        if not lent:
            return self._simulated.has_binary(binary)
        return all(_is_copy(program, self._disk.at(path)) for path, program in lent.items())

    def fetch(self, binary: Binary) -> None:
        lent = self._lent(binary)
        if not lent:
            self._simulated.fetch(binary)
            return
        for path, program in lent.items():
            self._disk.at(path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(program, self._disk.at(path))
            LOG.info("%s is %s of this machine, not of a download that was verified", path, program)

    def download(self, source: Source) -> bytes:
        if self._means.downloads is not None:
            return _among(self._means.downloads, source)
        with verified(source, self._disk.at(DOWNLOADS), largest=LARGEST_DOWNLOAD) as file:
            return file.read()

    def units(self) -> frozenset[str]:
        return self._simulated.units()

    def write_unit(self, unit: Unit) -> None:
        self._ready[unit.name] = unit.ready
        self._simulated.write_unit(unit)

    def remove_unit(self, name: str) -> None:
        if self.is_active(name):
            raise HostFailed(f"unit {name} still runs, so it cannot be removed")
        self._simulated.remove_unit(name)

    def reload(self) -> None:
        self._simulated.reload()

    def start(self, name: str) -> None:
        service = self._service(name)
        if service is None:
            LOG.info("unit %s only pretends to run: this machine has no program for it, or may not run it", name)
            self._simulated.start(name)
            return
        self.room.start(service)
        seconds = UnitFile.parse(self._text(name)).seconds("TimeoutStartSec", START_SECONDS)
        self._await_start(service, seconds)
        LOG.info("unit %s runs as a process: %s", name, " ".join(service.tasks[-1].words))

    def stop(self, name: str) -> None:
        reading = self.room.read().get(name)
        if reading is None:
            self._simulated.stop(name)
            return
        self.room.stop(name)
        grace = UnitFile.parse(self._text(name)).seconds("TimeoutStopSec", START_SECONDS)
        if not self._await(name, grace + KILL_SECONDS, lambda found: found.state in QUIET):
            raise HostFailed(f"unit {name} cannot be stopped")

    def is_active(self, name: str) -> bool:
        reading = self.room.read().get(name)
        return self._simulated.is_active(name) if reading is None else reading.state == ACTIVE

    def is_mounted(self, path: str) -> bool:
        return self._simulated.is_mounted(path)

    def probe(self, url: str) -> bool:
        """Ask what runs as a process over the network; what pretends to run is asked whether it would answer."""
        running = {name for name in self.room.read() if self._ready.get(name) == url}
        return probe(url, self._disk) if running else self._simulated.probe(url)

    def kubernetes(self, kubeconfig: str) -> Kubernetes:
        running = self.room.read()
        if not running:
            return self._simulated.kubernetes(kubeconfig)
        real = APIServer(self._disk, kubeconfig)
        return real if KUBELET in running else WithoutKubelet(real, self._simulated.kubernetes(kubeconfig))

    def _await_start(self, service: Service, seconds: float) -> None:
        """Wait until it runs; what ends soon after is begun again later, as systemd does, and has started."""
        name = service.name
        self._await(name, seconds, lambda found: found.state in {ACTIVE, WAITING, *QUIET})
        reading = self.room.read()[name]
        is_over = reading.state == ENDED and reading.code == 0
        has_run = not service.is_oneshot and reading.is_begun and reading.code != NOT_RUN
        if reading.state == ACTIVE or is_over or has_run:
            return
        self.room.stop(name)
        told = f"it is {reading.state}" if reading.code is None else f"its process exited with status {reading.code}"
        raise HostFailed(f"unit {name} failed: {told}; its log is {self._disk.at(f'/var/log/units/{name}.log')}")

    def _await(self, name: str, seconds: float, is_there: Callable[[Reading], bool]) -> bool:
        deadline = time.monotonic() + seconds
        while not is_there(self.room.read()[name]):
            if time.monotonic() > deadline:
                return False
            self._wait(BETWEEN_LOOKS)
        return True

    def _service(self, name: str) -> Service | None:
        return self._units.service(name, self._text(name))

    def _text(self, name: str) -> str:
        return (self._disk.find(f"{UNIT_FOLDER}/{name}") or b"").decode()

    def _lent(self, binary: Binary) -> dict[str, Path]:
        """Give those of a download's programs that the machine has, by the path where they land."""
        if not self._means.is_whole_node:
            return {}
        found = {path: self._programs.find(PurePosixPath(path).name) for path in binary.paths.values()}
        return {path: program for path, program in found.items() if program is not None}


class WithoutKubelet:
    """A real API server of a node whose kubelet only pretends to run: whether it is ready is pretended too."""

    def __init__(self, real: Kubernetes, simulated: Kubernetes) -> None:
        self._simulated = simulated
        self.apply = real.apply
        self.find = real.find
        self.existing = real.existing
        self.remove = real.remove

    def node_is_ready(self, name: str) -> bool:
        return self._simulated.node_is_ready(name)


def _among(folder: Path, source: Source) -> bytes:
    """Give the file of a folder, or below, that has the right SHA-256."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == source.sha256:
            return content
    raise HostFailed(f"{folder} has no file with the SHA-256 {source.sha256} of {source.url}", is_final=True)


def _is_copy(program: Path, place: Path) -> bool:
    if not place.exists():
        return False
    ours, theirs = place.stat(), program.stat()
    return (ours.st_size, int(ours.st_mtime)) == (theirs.st_size, int(theirs.st_mtime))
