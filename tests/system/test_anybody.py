# SPDX-License-Identifier: Apache-2.0
"""The system tests on a cloud of which only ``clouds.yaml`` tells: here devcloud, as somebody's."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.system.any_cloud import OTHERS, SYSTEM_CLOUD
from tests.system.real_cloud import ROOT, RealCloud

SECONDS = 600.0


def test_they_run_with_nothing_but_the_users_of_a_cloud(devcloud: RealCloud) -> None:
    names = {SYSTEM_CLOUD: "demo", OTHERS.format(user="ADMIN"): "admin"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/system/test_clients_sdk.py"],
        cwd=ROOT,
        env={**os.environ, **names, "OS_CLIENT_CONFIG_FILE": str(devcloud.folder / "clouds.yaml")},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert re.search(r"^\d+ passed", done.stdout.splitlines()[-1]), done.stdout
