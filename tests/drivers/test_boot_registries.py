# SPDX-License-Identifier: Apache-2.0
"""The files about registries, read by the real engines: both pull from a real registry what is named by another host.

Skopeo reads them as podman does, with the same library. The host's name ends in .invalid: nobody else could answer.
"""

import contextlib
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from magnum_lite.drivers.k8s_fcos import registries
from magnum_lite.drivers.k8s_fcos.registries import CONTAINERD_FOLDER, PODMAN_FILE, Mirror
from tests.agent.registry import Registry, registry
from tests.servers import executable, running

SETTINGS = Path(__file__).parent / "containerd.toml"
SECONDS = 60


@pytest.fixture(scope="module")
def mirror() -> Iterator[Registry]:
    with registry() as found:
        yield found


@pytest.fixture(scope="module")
def digest(mirror: Registry) -> str:
    """The digest of an image that the mirror has below ``hub``."""
    return mirror.push("hub/demo/app", "/bin/true").partition("@")[2]


@pytest.fixture
def told(mirror: Registry) -> Mapping[str, str]:
    """What a node is told of the mirror of ``registry.invalid``."""
    return registries.files((Mirror("registry.invalid", f"http://{mirror.address}/hub"),), None)


def with_skopeo(image: str, conf: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "registries.conf").write_text(conf)
    command = [executable("skopeo"), "--insecure-policy", f"--registries-conf={folder / 'registries.conf'}"]
    return subprocess.run(
        [*command, "--override-arch=amd64", "copy", f"docker://{image}", f"dir:{folder / 'image'}"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def test_podmans_library_pulls_from_a_mirror(told: Mapping[str, str], digest: str, tmp_path: Path) -> None:
    done = with_skopeo(f"registry.invalid/demo/app@{digest}", told[PODMAN_FILE], tmp_path)

    assert done.returncode == 0, done.stderr


def test_podmans_library_reaches_an_insecure_registry(mirror: Registry, digest: str, tmp_path: Path) -> None:
    image = f"{mirror.address}/hub/demo/app@{digest}"

    refused = with_skopeo(image, "", tmp_path)
    taken = with_skopeo(image, registries.files((), mirror.address)[PODMAN_FILE], tmp_path)

    assert "server gave HTTP response to HTTPS client" in refused.stderr
    assert taken.returncode == 0, taken.stderr


def test_containerd_pulls_from_a_mirror(told: Mapping[str, str], digest: str, tmp_path: Path) -> None:
    for path in (path for path in told if path.startswith(CONTAINERD_FOLDER)):
        place = tmp_path / "certs.d" / path.removeprefix(f"{CONTAINERD_FOLDER}/")
        place.parent.mkdir(parents=True)
        place.write_text(told[path])

    with containerd(tmp_path) as address:
        command = [executable("ctr"), f"--address={address}", "content", "fetch", f"--hosts-dir={tmp_path / 'certs.d'}"]
        image = f"registry.invalid/demo/app@{digest}"
        done = subprocess.run([*command, image], capture_output=True, text=True, timeout=SECONDS)

    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def containerd(folder: Path) -> Iterator[Path]:
    """Run a containerd of our own, without what Kubernetes would need, and give its socket."""
    socket = folder / "socket"
    command = [executable("containerd"), f"--config={SETTINGS}", f"--address={socket}"]
    places = [f"--root={folder / 'root'}", f"--state={folder / 'state'}"]
    with running([*command, *places], folder / "log", ready=socket.exists):
        yield socket
