# SPDX-License-Identifier: Apache-2.0
"""A boot file that is missing or broken is named, and the token in it is not."""

from pathlib import Path

import pytest

from magnum_lite.agent import boot
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import BadBootFile
from magnum_lite.nodeconf import CLUSTER_FILE, NODE_FILE, SIGNAL_URL_FILE
from tests.agent.control_plane import NODE, SIGNAL_TOKEN, ControlPlane
from tests.agent.nodes import Node


@pytest.fixture
def node(tmp_path: Path) -> Node:
    plane = ControlPlane()
    plane.url = "http://127.0.0.1:9511"
    node = Node(tmp_path, plane)
    node.boot()
    return node


def test_the_boot_files_are_read(node: Node) -> None:
    found = boot.read(Disk(node.root))

    assert (found.node.node, found.cluster.api_url) == (NODE, "http://127.0.0.1:9511/v1")
    assert found.handle == boot.Handle("http://127.0.0.1:9511/heat/signal", SIGNAL_TOKEN)


@pytest.mark.parametrize(
    ("path", "content", "complaint"),
    [
        (CLUSTER_FILE, None, "is missing below"),
        (CLUSTER_FILE, b"{", "cannot be read"),
        (CLUSTER_FILE, b'{"api_url": "http://h/v1", "cluster": "c", "more": 1}', "unexpected keyword argument 'more'"),
        (CLUSTER_FILE, b'{"api_url": "h:1", "cluster": "c"}', "api_url 'h:1' must be an HTTP or HTTPS URL"),
        (CLUSTER_FILE, b'{"api_url": "http://h/v1", "cluster": "c", "poll_seconds": 0}', "poll_seconds 0 must be"),
        (CLUSTER_FILE, b'{"api_url": "http://h/v1", "cluster": "c", "poll_seconds": "3"}', "poll_seconds '3' must"),
        (CLUSTER_FILE, b"\xff\xfe", "is not UTF-8 text"),
        (NODE_FILE, b'{"node": "n", "token": "secret"}', "missing 1 required positional argument: 'name'"),
        (NODE_FILE, b'{"node": "n", "token": "secret"', "cannot be read"),
        (SIGNAL_URL_FILE, b"heat", "'heat' must be an HTTP or HTTPS URL"),
    ],
)
def test_a_bad_boot_file_is_named(node: Node, path: str, content: bytes | None, complaint: str) -> None:
    if content is None:
        (node.root / path).unlink()
    else:
        (node.root / path).write_bytes(content)

    with pytest.raises(BadBootFile) as refusal:
        boot.read(Disk(node.root))

    assert f"/{path}" in refusal.value.message
    assert complaint in refusal.value.message
    assert "secret" not in refusal.value.message
