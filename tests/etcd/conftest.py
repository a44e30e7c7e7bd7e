# SPDX-License-Identifier: Apache-2.0
"""Three masters that have their files and certificates and whose etcd has not begun."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.etcd.machines import Masters


@pytest.fixture
def masters(tmp_path: Path) -> Iterator[Masters]:
    with Masters(tmp_path).running() as found:
        yield found
