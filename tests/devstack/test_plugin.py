# SPDX-License-Identifier: Apache-2.0
"""The DevStack plug-in: every phase, against a devcloud, with DevStack's functions as ``functions.sh`` has them."""

from __future__ import annotations

import configparser
import lzma
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import HOST, free_port
from tests.system.processes import wait_until
from tests.system.real_cloud import ROOT, RealCloud
from tests.system.user import User

HERE = Path(__file__).parent
PHASE_SECONDS = 300.0
SERVICES = ("magnum-lite-api", "magnum-lite-conductor")
IMAGE = "fedora-coreos-of-devstack"
# An empty disk of 1 MiB, as Glance looks into what it is given: magic, version, no backing file, clusters of 64 KiB.
DISK = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 2, 0, 0, 16, 1 << 20, 0, 1, 0x30000, 0x10000, 1, 0, 0).ljust(
    0x40000, b"\0"
)
TEMPLATE = "kubernetes-v1.34.7"

# The SDK warns of what its own parts call of each other.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::openstack.warnings.RemovedInSDK{number}Warning") for number in (50, 60)
]


class DevStack:
    """One that was given a devcloud for its own OpenStack, and has nothing of ours yet."""

    def __init__(self, cloud: RealCloud, folder: Path) -> None:
        self.folder = folder
        self.called = folder / "called"
        self.conf_dir = folder / "etc"
        port, state = free_port(), cloud.state
        self.url = f"http://{HOST}:{port}/v1"
        image = folder / "fedora-coreos.qcow2.xz"
        image.write_bytes(lzma.compress(DISK))
        self._values = {
            "STATE": str(folder),
            "CALLED": str(self.called),
            "OWN": str(Path(sys.executable).parents[1]),
            "FILES": str(folder / "files"),
            "BROKER": state["broker"],
            "DATABASE": state["database"],
            "MEMCACHED": f"{HOST}:{state['ports']['memcached']}",
            "DEST": str(folder),
            "STACK_USER": str(os.getuid()),
            "SERVICE_HOST": HOST,
            "SERVICE_LISTEN_ADDRESS": HOST,
            "SERVICE_PASSWORD": cloud.password,
            "SERVICE_DOMAIN_NAME": "Default",
            "SERVICE_TIMEOUT": "60",
            "REGION_NAME": cloud.region,
            "ENABLE_DEBUG_LOG_LEVEL": "True",
            "PUBLIC_NETWORK_NAME": "public",
            "MAGNUM_LITE_DIR": str(ROOT),
            "MAGNUM_LITE_CONF_DIR": str(self.conf_dir),
            "MAGNUM_LITE_PORT": str(port),
            "MAGNUM_LITE_PIN_OPTIONS": f"--registry http://{HOST}:{state['ports']['registry']}",
            "MAGNUM_LITE_IMAGE": IMAGE,
            "MAGNUM_LITE_IMAGE_URL": image.as_uri(),
            "OS_AUTH_URL": cloud.auth_url,
            "OS_USERNAME": "admin",
            "OS_PASSWORD": cloud.password,
            "OS_PROJECT_NAME": "admin",
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_REGION_NAME": cloud.region,
            "OS_IDENTITY_API_VERSION": "3",
        }
        (folder / "files").mkdir()

    def phase(self, *words: str) -> None:
        """Run a phase to its end; fail with what it says."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [str(HERE / "phase.sh"), *words],
            env={**os.environ, **self._values, "PATH": path},
            capture_output=True,
            text=True,
            timeout=PHASE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout[-1500:]}{done.stderr[-3000:]}"

    def pids(self) -> list[int]:
        return [int(path.read_text()) for path in sorted(self.folder.glob("*.pid"))]


@pytest.fixture
def devstack(devcloud: RealCloud, tmp_path: Path) -> Iterator[DevStack]:
    """DevStack on a cloud in whose catalog we are not; at the end it is as it was."""
    admin = devcloud.connection()
    service = admin.identity.find_service("magnum")
    before = [_fields(one) for one in admin.identity.endpoints(service_id=service.id)]
    admin.identity.delete_service(service)
    devstack = DevStack(devcloud, tmp_path)
    try:
        yield devstack
    finally:
        for pid in devstack.pids():
            os.kill(pid, 9)
        _restore(admin, before)


def _fields(endpoint: Any) -> dict[str, str]:
    return {"interface": endpoint.interface, "url": endpoint.url, "region_id": endpoint.region_id}


def _restore(admin: Any, endpoints: list[dict[str, str]]) -> None:
    for name in ("magnum",):
        if (made := admin.identity.find_service(name)) is not None:
            admin.identity.delete_service(made)
    service = admin.identity.create_service(name="magnum", type="container-infra", description="Kubernetes clusters")
    for endpoint in endpoints:
        admin.identity.create_endpoint(service_id=service.id, **endpoint)
    image = admin.image.find_image(IMAGE)
    if image is not None:
        admin.image.delete_image(image)


def test_a_devstack_gets_a_service_that_makes_clusters_and_gives_it_up_again(
    devcloud: RealCloud, devstack: DevStack
) -> None:
    for phase in ("install", "post-config", "extra"):
        devstack.phase("stack", phase)

    admin, service = devcloud.connection(), devcloud.connection().identity.find_service("magnum")
    endpoints = list(admin.identity.endpoints(service_id=service.id))
    assert (service.type, {one.url for one in endpoints}) == ("container-infra", {devstack.url})
    assert sorted(one.interface for one in endpoints) == ["admin", "internal", "public"]
    assert "define_plugin magnum_lite\n" in devstack.called.read_text()
    image = admin.image.find_image(IMAGE)
    assert (image.os_distro, image.visibility, image.size) == ("fedora-coreos", "public", len(DISK))
    settings = configparser.RawConfigParser()
    settings.read(devstack.conf_dir / "magnum_lite.conf")
    assert (devstack.conf_dir / "magnum_lite.conf").stat().st_mode & 0o007 == 0
    assert settings["agent"]["api_url"] == devstack.url

    user, before = User(devcloud, devstack.url), devcloud.leftovers()
    (template,) = user.call("GET", "/clustertemplates").json()["clustertemplates"]
    assert (template["name"], template["public"]) == (TEMPLATE, True)
    cluster = user.create(template["uuid"], "of-devstack", keypair="my_keypair")
    user.wait_for(cluster, "CREATE_COMPLETE")
    user.remove(cluster)
    wait_until(lambda: devcloud.leftovers() == before, f"{devcloud.leftovers()} as {before}", seconds=60)

    pids = devstack.pids()
    devstack.phase("unstack")
    devstack.phase("clean")
    assert len(pids) == len(SERVICES)
    assert [pid for pid in pids if Path(f"/proc/{pid}/exe").exists()] == []
    assert not devstack.conf_dir.exists()


def test_a_service_that_is_not_enabled_is_not_started(devcloud: RealCloud, tmp_path: Path) -> None:
    devstack = DevStack(devcloud, tmp_path)
    lines = [
        'source "$1/functions.sh"; source "$2/settings"',
        "enable_service magnum-lite-conductor",
        'source "$2/plugin.sh" none none',
        'function run_process { echo "$1" >>"$CALLED"; }; function wait_for_service { true; }',
        "start_magnum_lite",
    ]
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines), "bash", str(HERE), str(ROOT / "devstack")],
        env={**os.environ, **devstack._values},
        check=True,
        timeout=PHASE_SECONDS,
    )
    assert devstack.called.read_text().splitlines()[-1] == "magnum-lite-conductor"
