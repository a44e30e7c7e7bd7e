# SPDX-License-Identifier: Apache-2.0
"""Services and clouds, started once per test run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.house import House, all_in_one_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """API, conductor and pocket cloud as ``magnum-lite-all-in-one`` runs them."""
    with all_in_one_house(tmp_path_factory.mktemp("all-in-one")) as house:
        yield house


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send the tests of one house to one worker, so that each house is built once."""
    folder = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(folder) and isinstance(item, pytest.Function) and "house" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("house"))
