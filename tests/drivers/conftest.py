# SPDX-License-Identifier: Apache-2.0
"""What tests of drivers share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.control_plane import ControlPlane
from tests.drivers import clusters
from tests.drivers.built import SMALL, Built
from tests.drivers.machine import Machine, new_machine
from tests.drivers.pocket import LABELS, Pocket, build, nothing_is_left, remove


@pytest.fixture
def pocket(tmp_path: Path) -> Iterator[Pocket]:
    found = Pocket(tmp_path)
    yield found
    found.server.stop()


@pytest.fixture
def built(pocket: Pocket) -> Iterator[Built]:
    cluster = clusters.a_cluster(SMALL, master_count=1, labels=LABELS)
    cluster.stack_id = build(pocket, cluster).stack_id
    yield Built(pocket, cluster)
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


@pytest.fixture
def plane() -> Iterator[ControlPlane]:
    """A control plane that answers one node."""
    plane = ControlPlane()
    with plane.serving():
        yield plane


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A machine without a system."""
    with new_machine() as found:
        yield found
