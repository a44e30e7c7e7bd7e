# SPDX-License-Identifier: Apache-2.0
"""The system tests on a cloud of which only ``clouds.yaml`` tells: here devcloud, as somebody's."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.system.any_cloud import OTHERS, SYSTEM_CLOUD
from tests.system.house import house_of
from tests.system.real_cloud import ROOT, RealCloud

SECONDS = 600.0


def test_they_run_with_nothing_but_the_users_of_a_cloud(devcloud: RealCloud) -> None:
    before = _beside_clusters(devcloud)
    names = {SYSTEM_CLOUD: "demo", OTHERS.format(user="ADMIN"): "admin"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/system", "-k", "sdk or publishes"],
        cwd=ROOT,
        env={**os.environ, **names, "OS_CLIENT_CONFIG_FILE": str(devcloud.folder / "clouds.yaml")},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert re.search(r"^\d+ passed", done.stdout.splitlines()[-1]), done.stdout
    assert _beside_clusters(devcloud) == before


def _beside_clusters(cloud: RealCloud) -> dict[str, set[str]]:
    """Give the UUIDs of templates and images that an admin sees: what tests make and no cluster's end takes away."""
    admin = house_of(cloud).user("admin")
    templates = admin.call("GET", "/clustertemplates?limit=1000").json()["clustertemplates"]
    images = admin.session.get("/v2/images?limit=1000", endpoint_filter={"service_type": "image"}).json()["images"]
    return {"templates": {one["uuid"] for one in templates}, "images": {one["id"] for one in images}}
