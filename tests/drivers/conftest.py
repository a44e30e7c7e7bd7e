# SPDX-License-Identifier: Apache-2.0
"""What tests of drivers share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drivers.pocket import Pocket


@pytest.fixture
def pocket(tmp_path: Path) -> Iterator[Pocket]:
    found = Pocket(tmp_path)
    yield found
    found.server.stop()
