# SPDX-License-Identifier: Apache-2.0
"""The programs of a real Kubernetes that whoever runs the tests gives; nothing is ever downloaded.

Each is looked for in ``TEST_ASSET_<NAME>``, then in the folder ``KUBEBUILDER_ASSETS`` and then in the ``PATH``, as
controller-runtime's envtest does for the three it knows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

DEFAULT_FOLDER = "/usr/local/kubebuilder/bin"
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
NODE = ("kubelet", "containerd", "containerd-shim-runc-v2", "ctr", "runc")
CNI_FOLDER = Path("/usr/lib/cni")
MANIFESTS = "MAGNUM_LITE_MANIFESTS"
VERSION_SECONDS = 30


@dataclass(frozen=True)
class Given:
    """Where each program lies; ``manifests`` is a folder with what other projects publish, if one is given."""

    programs: Mapping[str, Path]
    manifests: Path | None

    def version(self) -> str:
        """Give the version of the API server, as releases are called (``v1.36.2``)."""
        command = [self.programs["kube-apiserver"], "--version"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=VERSION_SECONDS, check=True)
        return done.stdout.split()[-1]

    def folder(self, place: Path) -> Path:
        """Make a folder in which every program is found by its name."""
        place.mkdir()
        for name, path in self.programs.items():
            (place / name).symlink_to(path)
        return place


def find(name: str, environment: Mapping[str, str]) -> Path | None:
    """Give where a program lies, as the environment says."""
    asset = environment.get("TEST_ASSET_" + re.sub(r"\W", "_", name).upper())
    if asset:
        return Path(asset)
    folders = (environment.get("KUBEBUILDER_ASSETS") or DEFAULT_FOLDER, environment.get("PATH") or os.defpath)
    found = shutil.which(name, path=os.pathsep.join(folders))
    return None if found is None else Path(found)


def needed(*names: str) -> Given:
    """Give these programs; skip with the name of what is missing, or fail with ``REQUIRE_KUBE=1``."""
    if os.geteuid() != 0:
        refuse("only root can run the programs of a node as on a node")
    lacking = missing(names, os.environ)
    if lacking:
        refuse(f"no {', '.join(lacking)}: give a folder with it in KUBEBUILDER_ASSETS, or its path in TEST_ASSET_...")
    found = {name: find(name, os.environ) for name in names}
    manifests = os.environ.get(MANIFESTS)
    programs = {name: path for name, path in found.items() if path is not None}
    return Given(programs, Path(manifests) if manifests else None)


def missing(names: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    """Tell which programs are not there, or cannot be run."""
    found = {name: find(name, environment) for name in names}
    return [name for name, path in found.items() if path is None or not os.access(path, os.X_OK)]


def refuse(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_KUBE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
