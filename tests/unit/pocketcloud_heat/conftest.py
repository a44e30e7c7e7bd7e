# SPDX-License-Identifier: Apache-2.0
"""A Heat of one's own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.pocketcloud_heat.heat import Heat


@pytest.fixture
def heat(tmp_path: Path) -> Iterator[Heat]:
    """Give a furnished cloud's Heat."""
    made = Heat(tmp_path)
    yield made
    made.cloud.stop()
