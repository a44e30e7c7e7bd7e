# SPDX-License-Identifier: Apache-2.0
"""What the agent's tests share: a control plane that answers, and a booted node."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.control_plane import ControlPlane
from tests.agent.nodes import Node, a_document


@pytest.fixture
def plane() -> Iterator[ControlPlane]:
    """A control plane that has a master's document."""
    plane = ControlPlane()
    plane.document = a_document(plane)
    with plane.serving():
        yield plane


@pytest.fixture
def node(plane: ControlPlane, tmp_path: Path) -> Node:
    """A booted first master whose polls are half a minute apart."""
    node = Node(tmp_path / "root", plane)
    node.boot()
    return node
