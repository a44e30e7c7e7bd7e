# SPDX-License-Identifier: Apache-2.0
"""What tests of releases share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.releases import registries


@pytest.fixture(scope="module")
def docker_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with registries.docker_registry(tmp_path_factory.mktemp("registry")) as url:
        yield url


@pytest.fixture
def stub() -> Iterator[registries.Script]:
    with registries.stub() as script:
        yield script


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """A configuration whose folder of pins is still empty."""
    (tmp_path / "pins").mkdir()
    path = tmp_path / "magnum_lite.conf"
    path.write_text(f"[releases]\ndirectories = {tmp_path}/pins\n")
    return ["--config-file", str(path)]
