# SPDX-License-Identifier: Apache-2.0
"""Disks of servers: kept over restarts of the runner, and new ones for servers that are made of something else."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from magnum_lite import nodeconf
from magnum_lite.noderunner.clock import Clock
from magnum_lite.noderunner.nodes import Nodes, Server
from tests.servers import free_port
from tests.system.processes import wait_until

SECONDS = 30.0


def server(hostname: str) -> Server:
    """A server whose API nobody serves, so that its agent keeps trying."""
    cluster = nodeconf.ClusterFile(f"http://127.0.0.1:{free_port()}/v1", "cluster").to_json()
    node = nodeconf.NodeFile("node", hostname, "token").to_json()
    contents = {nodeconf.CLUSTER_FILE: cluster, nodeconf.NODE_FILE: node, "etc/hostname": hostname}
    files = [
        {"path": f"/{path}", "contents": {"source": "data:;base64," + base64.b64encode(text.encode()).decode()}}
        for path, text in contents.items()
    ]
    config = {"ignition": {"version": "3.4.0"}, "storage": {"files": files}}
    return Server("one", hostname, "project", "user", base64.b64encode(json.dumps(config).encode()).decode())


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    yield clock
    clock.stop()


@pytest.fixture
def nodes(tmp_path: Path, clock: Clock) -> Iterator[Nodes]:
    nodes = Nodes(tmp_path, clock)
    yield nodes
    nodes.stop()


def await_agent(nodes: Nodes, *, other_than: int = 0) -> int:
    """Wait for the one agent, and give its number."""
    wait_until(lambda: [one.pid for one in nodes.running() if one.pid != other_than] != [], "it runs", seconds=SECONDS)
    (running,) = nodes.running()
    assert running.pid is not None
    return running.pid


def test_a_disk_that_was_left_is_booted_again(tmp_path: Path, clock: Clock, nodes: Nodes) -> None:
    one = server("worker-0")
    nodes.begin(one)
    await_agent(nodes)
    nodes.stop()
    (tmp_path / "one" / "kept").touch()
    later = Nodes(tmp_path, clock)
    later.begin(one)
    await_agent(later)
    later.stop()

    assert later.known() == ["one"]
    assert (tmp_path / "one" / "kept").exists()


def test_a_disk_that_was_laid_out_half_is_laid_out_anew(tmp_path: Path, nodes: Nodes) -> None:
    (tmp_path / "one" / "etc").mkdir(parents=True)
    (tmp_path / "one" / "etc" / "rest").touch()
    nodes.begin(server("worker-0"))
    await_agent(nodes)

    assert not (tmp_path / "one" / "etc" / "rest").exists()
    assert (tmp_path / "one" / "etc" / "hostname").read_text() == "worker-0"


def test_a_server_that_is_rebuilt_gets_a_new_disk_once_its_old_agent_has_ended(tmp_path: Path, nodes: Nodes) -> None:
    nodes.begin(server("worker-0"))
    before = await_agent(nodes)
    (tmp_path / "one" / "old").touch()
    nodes.end("one")
    nodes.begin(server("rebuilt"))
    after = await_agent(nodes, other_than=before)

    assert after != before
    assert not (tmp_path / "one" / "old").exists()
    assert (tmp_path / "one" / "etc" / "hostname").read_text() == "rebuilt"


def test_another_image_is_another_disk() -> None:
    one = server("worker-0")

    assert dataclasses.replace(one, image="other").disk != one.disk
