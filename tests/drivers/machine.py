# SPDX-License-Identifier: Apache-2.0
"""A machine on disk: laid by the real Ignition engine, judged by systemd, looked after by the real agent."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests import lacking

ENGINE = Path("/usr/lib/dracut/modules.d/30ignition/ignition")
SECONDS = 60
# What the image brings of all that units run, so that systemd-analyze finds it.
IMAGE_PROGRAMS = (
    "usr/bin/install",
    "usr/bin/podman",
    "usr/bin/touch",
    "usr/bin/update-ca-trust",
    "usr/sbin/modprobe",
)
TARGETS = ("basic", "multi-user", "network-online", "shutdown", "sysinit")
# The agent's binaries are put in by hand where the simulated machine only notes them.
SIMULATED = ("/var/lib/simulated-host/", "/var/lib/etcd/")
OF_THE_IMAGE = {"/etc/.pwd.lock", "/etc/group", "/etc/group-", "/etc/passwd", "/etc/passwd-"}
OURS = ("usr/local/bin/containerd", "usr/local/bin/kubelet")


def check(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@contextlib.contextmanager
def new_machine() -> Iterator[Machine]:
    """Make a machine in a folder of its own, open to the user core: Ignition becomes that user to lay SSH keys."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Machine(Path(folder))


class Machine:
    """The file system of a node below ``root``; ``told`` is the Ignition configuration it is given."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._folder = folder

    def boot(self, told: object) -> None:
        """Have Ignition fetch its configuration and lay files, units and users, as on a first boot."""
        if not ENGINE.exists():
            lacking.lack("the engine of ignition is not installed")
        lacking.root("only root lays files as Ignition does")
        config = self._folder / "config.ign"
        config.write_text(json.dumps(told))
        self._prepare()
        for stage in ("fetch", "files"):
            command = (str(ENGINE), "-platform=file", f"-stage={stage}", f"-root={self.root}", "-log-to-stdout")
            done = subprocess.run(
                [*command, f"-config-cache={self._folder / 'cache.json'}", f"-state-file={self._folder / 'state'}"],
                env={**self._environment, "IGNITION_CONFIG_FILE": str(config)},
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
            assert done.returncode == 0, done.stdout

    def read(self, path: str) -> str:
        return self._at(path).read_bytes().decode()

    def files(self) -> set[str]:
        """Give the absolute path of everything that is no folder, but for what the image brings and the simulation."""
        return {path for path in self.all_files() if not path.startswith(SIMULATED)} - OF_THE_IMAGE

    def all_files(self) -> set[str]:
        """Give the same with what the image brings, and with what the simulated machine keeps, Kubernetes' objects."""
        found = (path for path in self.root.rglob("*") if path.is_symlink() or not path.is_dir())
        return {f"/{path.relative_to(self.root)}" for path in found}

    def scripts(self) -> list[Path]:
        return [path for path in map(self._at, sorted(self.files())) if _is_script(path)]

    def units(self) -> list[str]:
        """Give the names of the units that are there, those left out that are masked."""
        folder = self.root / "etc/systemd/system"
        return sorted(path.name for path in folder.glob("*.*") if path.is_file() and not path.is_symlink())

    def look_after(self) -> subprocess.CompletedProcess[str]:
        """Run the real agent until it says that this node is ready, or failed."""
        command = [sys.executable, "-m", "magnum_lite.agent.main", f"--root={self.root}", "--host=simulated", "--once"]
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)

    def check_units(self) -> None:
        """Have systemd judge the units that are there."""
        targets = self._folder / "judged" / "etc/systemd/system"
        shutil.copytree(self.root, self._folder / "judged", symlinks=True)
        for name in TARGETS:
            (targets / f"{name}.target").write_text("[Unit]\nDescription=there\n")
        for program in map((self._folder / "judged").joinpath, (*IMAGE_PROGRAMS, *OURS)):
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("")
            program.chmod(0o755)
        check(lacking.program("systemd-analyze"), "verify", f"--root={self._folder / 'judged'}", *self.units())

    def _at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _prepare(self) -> None:
        """Make what a real image brings: users, SELinux, and nothing of ours."""
        programs = self._folder / "bin"
        programs.mkdir()
        # A stand-in for SELinux's labels, which this machine has none of.
        (programs / "setfiles").symlink_to("/bin/true")
        etc = self.root / "etc"
        (etc / "selinux").mkdir(parents=True)
        (etc / "selinux" / "config").write_text("SELINUXTYPE=targeted\n")
        (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        (etc / "group").write_text("root:x:0:\n")

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": f"{self._folder / 'bin'}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


def _is_script(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes()[:2] == b"#!"


def read_by_systemd(text: str, names: Iterable[str], folder: Path) -> dict[str, str]:
    """Give variables of a file as systemd itself reads them.

    It reads its own os-release by the same rules, and systemd-tmpfiles writes one variable of that where %B stands.
    """
    wanted = folder / "wanted.conf"
    wanted.write_text("f+ /found 0600 - - - %B\n")
    (folder / "etc").mkdir(exist_ok=True)
    return {name: _variable(text, name, folder) for name in names}


def _variable(text: str, name: str, folder: Path) -> str:
    # A quote inside of a value is escaped, so that only the assignment itself looks like this.
    renamed = re.sub(rf'^{name}="', 'BUILD_ID="', text, count=1, flags=re.MULTILINE)
    (folder / "etc" / "os-release").write_text(renamed)
    check(lacking.program("systemd-tmpfiles"), f"--root={folder}", "--create", str(folder / "wanted.conf"))
    return (folder / "found").read_bytes().decode()
