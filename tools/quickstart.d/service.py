# SPDX-License-Identifier: Apache-2.0
"""The services in the background: one process that holds a lock on a file for as long as it lives."""

import contextlib
import fcntl
import json
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from failure import QuickstartFailed

START_SECONDS = 60.0
STOP_SECONDS = 15.0
# What a master's programs listen on; it cannot be changed, because every node has a machine of its own elsewhere.
CONTROL_PLANE_PORTS = (2379, 2380, 2381, 6443, 10257, 10259)
BIN = Path(sys.executable).parent


class Service:
    """magnum-lite-all-in-one with its state, log, lock and credentials in one folder."""

    def __init__(self, folder: Path, *, api_port: int, cloud_port: int, programs: Sequence[Path] = ()) -> None:
        self._programs = [str(one) for one in programs]
        self._state = folder / "state"
        self._log = folder / "all-in-one.log"
        self._lock = folder / "all-in-one.lock"
        self._running = folder / "all-in-one.json"
        self._openrc = folder / "openrc"
        self._ports = {"api_port": api_port, "cloud_port": cloud_port}

    @property
    def api_url(self) -> str:
        """Where the API listens."""
        return f"http://127.0.0.1:{self._ports['api_port']}/v1"

    def environment(self) -> dict[str, str]:
        """Read the credentials as a shell that has sourced the openrc file would have them."""
        exports = (shlex.split(line) for line in self._openrc.read_text().splitlines() if line.startswith("export "))
        values = dict(word.partition("=")[::2] for _, word in exports)
        values.pop("PATH", None)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        return {**kept, **values, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}

    def ensure_running(self) -> str:
        """Start the services unless they run already, and tell which of the two it was."""
        with self._hold_lock() as lock:
            if lock is None:
                self._check_programs(self._known()["programs"])
                self._ports = {name: self._known()[name] for name in self._ports}
                return f"The services run already; their API is {self.api_url}."
            started = time.monotonic()
            self._start(lock)
        return f"The services started in {time.monotonic() - started:.1f} seconds; their API is {self.api_url}."

    def stop(self) -> bool:
        """End the services; tell whether there was something to end."""
        with self._hold_lock() as lock:
            if lock is not None:
                return False
        # The lock is held, so this process number is the service's and nobody else's.
        process = os.pidfd_open(self._known()["pid"])
        for signum in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, signum)
            if select.select([process], [], [], STOP_SECONDS)[0]:
                break
        os.close(process)
        return True

    def manage(self, *words: str) -> str:
        """Run the operator's command on this service and give what it printed."""
        command = [str(BIN / "magnum-lite-manage"), f"--config-file={self._state / 'magnum_lite.conf'}", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS, check=False)
        if done.returncode != 0:
            raise QuickstartFailed(f"magnum-lite-manage {' '.join(words)} failed: {done.stderr.strip()}")
        return done.stdout

    def _check_programs(self, known: Sequence[str]) -> None:
        if known != self._programs:
            what = f"with the programs of {known[0]}" if known else "without programs of Kubernetes"
            raise QuickstartFailed(f"The services run {what}; stop them first with tools/quickstart --stop.")

    def _known(self) -> dict[str, Any]:
        known: dict[str, Any] = json.loads(self._running.read_text())
        return known

    @contextlib.contextmanager
    def _hold_lock(self) -> Iterator[int | None]:
        """Take the lock, or give None where a running service has it."""
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held: int | None = descriptor
        except BlockingIOError:
            held = None
        try:
            yield held
        finally:
            os.close(descriptor)

    def _start(self, lock: int) -> None:
        for port in CONTROL_PLANE_PORTS if self._programs else ():
            _check_free(port, remedy="the cluster's master needs it")
        for name, port in self._ports.items():
            _check_free(port, remedy=f"stop it, or choose another port with --{name.replace('_', '-')}")
        # The small cloud keeps everything in memory, so what an earlier run wrote down is no longer true.
        shutil.rmtree(self._state, ignore_errors=True)
        self._state.mkdir()
        options = [f"--{name.replace('_', '-')}={port}" for name, port in self._ports.items()]
        options += [f"--programs={folder}" for folder in self._programs]
        with self._log.open("wb") as output:
            process = subprocess.Popen(
                [BIN / "magnum-lite-all-in-one", "--state-dir", self._state, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[lock],
            )
        self._running.write_text(json.dumps({"pid": process.pid, "programs": self._programs, **self._ports}))
        self._await_ready(process)
        path = f'export PATH="{BIN.absolute()}:$PATH"\n'
        self._openrc.touch(mode=0o600)
        self._openrc.write_text((self._state / "openrc").read_text() + path)

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while "ready" not in self._log.read_text(errors="replace").splitlines():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
                raise QuickstartFailed(f"The services did not start. {self._log} ends with:\n{self._last_lines()}")
            if time.monotonic() > deadline:
                process.terminate()
                raise QuickstartFailed(
                    f"The services were not ready after {START_SECONDS:.0f} seconds; see {self._log}."
                )

    def _last_lines(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])


def _check_free(port: int, *, remedy: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise QuickstartFailed(f"Port {port} of 127.0.0.1 is taken by another program: {remedy}.") from None
