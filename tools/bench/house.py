# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud and the measured services, started for one benchmark in a folder of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from oslo_config import cfg

from magnum_lite.cmd import all_in_one, pocket_pins

MEASURED = Path(__file__).with_name("measured.py")
READY_SECONDS = 60.0
ANSWER_SECONDS = 30.0
STOP_SECONDS = 15.0
MANY = 100_000


class BenchFailed(Exception):
    """The benchmark cannot go on: the sentence says why."""


class House:
    """What is measured, on the pocket cloud: services of ours, on a database of their own."""

    def __init__(self, folder: Path, *, api_port: int, cloud_port: int, given: Sequence[str]) -> None:
        self.api_url = f"http://{all_in_one.ADDRESS}:{api_port}/v1"
        self.cloud_url = f"http://{all_in_one.ADDRESS}:{cloud_port}"
        self._folder = folder
        self._ports = {"api": api_port, "cloud": cloud_port}
        self._given = given
        self._cloud: subprocess.Popen[bytes] | None = None
        self._services: list[Service] = []
        self._measured: list[Measured] = []

    def start(self, transport_url: str | None) -> None:
        """Start one process with both services, or one each where a broker carries the messages; then all answers."""
        self.prepare({"DEFAULT": {"transport_url": transport_url or "fake://"}})
        for names in [["api"], ["conductor"]] if transport_url else [["api", "conductor"]]:
            self.run_measured(names)

    def prepare(self, changes: all_in_one.Settings) -> cfg.ConfigOpts:
        """Make configuration, vault and database, and start the cloud."""
        settings = all_in_one.settings_for(self._folder, api_port=self._ports["api"], cloud_url=self.cloud_url)
        # What people who try it out are given is impatient; what is measured is what operators get.
        for group, option in (("agent", "poll_seconds"), ("conductor", "periodic_seconds"), ("heat", "poll_seconds")):
            settings[group].pop(option, None)
        settings["quotas"] = {"max_clusters_per_project": MANY}
        for group, options in changes.items():
            settings[group] = {**settings.get(group, {}), **options}
        conf = all_in_one.prepare(self._folder, all_in_one.overridden(settings, self._given))
        self._cloud = all_in_one.start_cloud(self._folder, port=self._ports["cloud"], magnum_url=self.api_url)
        pocket_pins.write(self._folder / all_in_one.PINS, self.cloud_url)
        return conf

    def run_measured(self, names: Sequence[str]) -> None:
        """Run services in one process that counts what they do; when this returns, they answer."""
        service = Measured(names, self._folder)
        self._measured.append(service)
        self._services.append(service)
        service.await_ready()

    def run_api(self) -> None:
        """Run the API by its own command; when this returns, it answers."""
        command = [str(Path(sys.executable).with_name("magnum-lite-api"))]
        command += ["--config-file", str(self._folder / "magnum_lite.conf")]
        service = Service("magnum-lite-api", command, self._folder)
        self._services.append(service)
        service.await_(self._is_healthy, READY_SECONDS)

    def stop(self) -> None:
        """End every process that was started, the services before their cloud."""
        self.stop_services()
        if self._cloud is not None:
            _end(self._cloud)

    def stop_services(self) -> None:
        """End the services; the cloud and the database stay."""
        for service in self._services:
            _end(service.process)
        self._services, self._measured = [], []

    def statements(self) -> dict[tuple[str, str], int]:
        """Count the SQL statements since the start, by who made them and their text."""
        return {(who, text): n for counts in self._counts() for who, text, n in counts["statements"]}

    def calls(self) -> dict[str, int]:
        """Count the requests that reached the cloud since the start, by service, method and route."""
        with urllib.request.urlopen(f"{self.cloud_url}/pocket/calls", timeout=ANSWER_SECONDS) as answer:
            calls: dict[str, int] = json.load(answer)["calls"]
        return {route: n for route, n in calls.items() if not route.startswith("pocket ")}

    def memory(self) -> dict[str, float]:
        """Give MiB of memory of the services together: now, and the most there ever was."""
        return {
            "now": sum(service.mebibytes("VmRSS") for service in self._services),
            "most": sum(service.mebibytes("VmHWM") for service in self._services),
        }

    def processor_seconds(self) -> float:
        """Give the seconds of processor time that the services have used together."""
        return sum(service.processor_seconds() for service in self._services)

    def _counts(self) -> list[dict[str, Any]]:
        return [service.counts() for service in self._measured]

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.api_url.removesuffix('/v1')}/healthcheck", timeout=ANSWER_SECONDS):
                return True
        except OSError:
            return False


class Service:
    """One process of ours."""

    def __init__(self, name: str, command: Sequence[str], folder: Path) -> None:
        self._name = name
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)

    def await_(self, is_true: Callable[[], bool], seconds: float) -> None:
        """Wait until something is true; raise ``BenchFailed`` when it is not in time or the process has ended."""
        deadline = time.monotonic() + seconds
        while not is_true():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise BenchFailed(f"{self._name} did not answer; its output ends with: {self._log_end()}")
            time.sleep(0.02)

    def mebibytes(self, key: str) -> float:
        """Read a size of the process's memory from its status."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{key}:\s+(\d+) kB", status, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0

    def processor_seconds(self) -> float:
        """Read how long the process was on a processor, in user and in system mode."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _log_end(self) -> str:
        return self._log.read_text(errors="replace")[-1000:]


class Measured(Service):
    """Services in one process that counts what they do."""

    def __init__(self, names: Sequence[str], folder: Path) -> None:
        name = "+".join(names)
        self._file = folder / f"{name}.json"
        self._file.unlink(missing_ok=True)
        command = [sys.executable, str(MEASURED), *names]
        command += ["--configuration", str(folder / "magnum_lite.conf"), "--counts", str(self._file)]
        super().__init__(name, command, folder)

    def await_ready(self) -> None:
        """Wait until the services answer; raise ``BenchFailed`` when they do not."""
        self.await_(self._file.exists, READY_SECONDS)

    def counts(self) -> dict[str, Any]:
        """Ask the process what it has done since its start."""
        self._file.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        self.await_(self._file.exists, ANSWER_SECONDS)
        counts: dict[str, Any] = json.loads(self._file.read_text())
        return counts


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
