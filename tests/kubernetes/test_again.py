# SPDX-License-Identifier: Apache-2.0
"""An agent that comes again finds everything as it should be, and puts right what is not."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kubernetes.given import Given
from tests.kubernetes.real import Client, RealCluster
from tests.system.processes import wait_until

TOP = Path(__file__).parents[2]
ONCE_SECONDS = 180
DNS = ("deployment/coredns", "--namespace=kube-system")

Agent = Callable[[], str]


@pytest.fixture(scope="module")
def agent(cluster: RealCluster, programs: Given) -> Agent:
    """Have another agent look after the master each time, until the node is ready, and give what it logged.

    The one that looked after it before is killed, as a crash would do it.
    """
    cloud = cluster.house.cloud
    with contextlib.suppress(ProcessLookupError):
        os.kill(cloud.agents()[cluster.master].pid, signal.SIGKILL)
    wait_until(lambda: cluster.master not in cloud.agents(), "the agent has ended")
    command = [sys.executable, "-m", "magnum_lite.agent.main", "--root", str(cluster.root), "--host=process", "--once"]
    command.append(f"--programs={cluster.house.folder / 'programs'}")
    if programs.manifests is not None:
        command.append(f"--downloads={programs.manifests}")

    def run() -> str:
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=ONCE_SECONDS, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    return run


def test_an_agent_that_comes_again_changes_nothing(cluster: RealCluster, admin: Client, agent: Agent) -> None:
    before, addons = cluster.units(), admin.read("configmap/magnum-lite-addons", "--namespace=kube-system")

    log = agent()

    assert cluster.units() == before
    assert admin.read("configmap/magnum-lite-addons", "--namespace=kube-system") == addons
    assert "is started" not in log
    assert "is applied" not in log


def test_an_object_of_an_addon_that_was_removed_comes_again(admin: Client, agent: Agent) -> None:
    admin.run("delete", *DNS)

    log = agent()

    assert admin.read(*DNS)["metadata"]["name"] == "coredns"
    assert "addon coredns lacks Deployment kube-system/coredns" in log


def test_a_control_plane_that_was_killed_is_there_again(cluster: RealCluster, admin: Client, agent: Agent) -> None:
    before = cluster.units()["kube-scheduler.service"]
    assert before.pid is not None
    cluster.room().send("kube-scheduler.service", signal.SIGKILL)
    wait_until(lambda: cluster.units()["kube-scheduler.service"].starts > before.starts, "the scheduler begins again")

    agent()

    assert admin.run("get", "--raw", "/readyz") == "ok"
    assert cluster.units()["kube-apiserver.service"].starts == 1
