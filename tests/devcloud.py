# SPDX-License-Identifier: Apache-2.0
"""A real OpenStack for tests: a devcloud that runs, or one that is started for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.real_cloud import ROOT, RealCloud, run

FIRST_PORT = 21000


@pytest.fixture(scope="session")
def devcloud() -> Iterator[RealCloud]:
    """A real OpenStack: the one in ``DEVCLOUD_FOLDER``, or one of this test run."""
    given = os.environ.get("DEVCLOUD_FOLDER")
    if given:
        yield RealCloud.of(Path(given))
        return
    if os.environ.get("REQUIRE_ALL") != "1":
        pytest.skip("DEVCLOUD_FOLDER names no folder of tools/devcloud, which takes minutes to set up")
    folder = ROOT / ".magnum-lite" / "devcloud-of-tests"
    try:
        run(folder, "--own", str(Path(sys.executable).parents[1]), "--first-port", str(FIRST_PORT), "up")
        yield RealCloud.of(folder)
    finally:
        if (folder / "state.json").exists():
            run(folder, "down", "--wipe")


def is_on_devcloud(item: pytest.Function) -> bool:
    """Say whether a test needs devcloud, directly or as the place where it runs."""
    where = getattr(item, "callspec", None)
    return "devcloud" in item.fixturenames or (where is not None and "devcloud" in where.params.values())
