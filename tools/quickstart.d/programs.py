# SPDX-License-Identifier: Apache-2.0
"""A folder with the programs of a real Kubernetes, which the cluster's master then runs."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from failure import QuickstartFailed
from service import Service

NEEDED = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
SECONDS = 60


@dataclass(frozen=True)
class Programs:
    """The folder with the programs, the one with etcd, and their minor version (``v1.36``)."""

    folder: Path
    etcd: Path
    minor: str

    @property
    def folders(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys((self.folder, self.etcd)))

    def release(self, service: Service) -> str:
        """Give the newest release of the same minor version; raise ``QuickstartFailed`` when there is none."""
        known = re.findall(r"v1\.\d+\.\d+", service.manage("release", "list"))
        fitting = [tag for tag in known if tag.startswith(f"{self.minor}.")]
        if not fitting:
            raise QuickstartFailed(
                f"{self.folder} holds {self.minor}, of which there is no release: {', '.join(known)}."
            )
        return str(fitting[-1])

    def kubectl(self, kubeconfig: Path, *words: str) -> str:
        """Ask the cluster as its administrator and give what was answered."""
        command = [str(self.folder / "kubectl"), f"--kubeconfig={kubeconfig}", *words]
        print("$ " + " ".join(command), flush=True)
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode != 0:
            raise QuickstartFailed(f"kubectl {' '.join(words)} failed: {done.stderr.strip()}")
        return done.stdout


def read(folder: Path) -> Programs:
    """Look what a folder holds; raise ``QuickstartFailed`` for what is missing or stands in the way."""
    if not folder.is_dir():
        raise QuickstartFailed(f"--kubernetes {folder}: there is no such folder.")
    missing = [name for name in NEEDED if not os.access(folder / name, os.X_OK)]
    etcd = shutil.which("etcd", path=f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    if missing or etcd is None:
        names = [*missing, *(["etcd"] if etcd is None else [])]
        raise QuickstartFailed(f"--kubernetes {folder}: it does not hold {', '.join(names)}.")
    if os.geteuid() != 0:
        raise QuickstartFailed("--kubernetes needs root: each node runs its programs with mounts of its own.")
    return Programs(folder.resolve(), Path(etcd).resolve().parent, _minor(folder / "kube-apiserver"))


def _minor(program: Path) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=SECONDS, check=False)
    match = re.search(r"(v1\.\d+)\.\d+", done.stdout)
    if match is None:
        raise QuickstartFailed(f"{program} --version does not tell a version: {(done.stdout + done.stderr).strip()}")
    return match[1]
