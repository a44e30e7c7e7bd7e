# SPDX-License-Identifier: Apache-2.0
"""The agent as a real process: it starts light, stops at once, and survives being killed at any moment."""

import contextlib
import fcntl
import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from magnum_lite.agent.main import run
from tests.agent.control_plane import ControlPlane
from tests.agent.nodes import Node, a_document

TOP = Path(__file__).parents[2]
AGENT = [sys.executable, "-m", "magnum_lite.agent.main"]
KILLED_AT = [sys.executable, "-m", "tests.agent.killed_at"]
END_SECONDS = 30
STOP_SECONDS = 1.0
PARTS_OF_THOSE = {"_cffi_backend", "_openssl", "bcrypt", "_yaml", "cython_runtime", "_cython_3_1_4"}
THIRD_PARTIES = """
import sys
before = set(sys.modules)
import magnum_lite.agent.main
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(names - sys.stdlib_module_names))
"""


def arguments(node: Node, *more: str) -> list[str]:
    return ["--root", str(node.root), "--host", "simulated", *more]


def finished(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=END_SECONDS, check=False)


@contextlib.contextmanager
def running(node: Node) -> Iterator[subprocess.Popen[str]]:
    """Run the agent until the test is done with it."""
    command = [*AGENT, *arguments(node)]
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_command_makes_a_node_ready(plane: ControlPlane, node: Node) -> None:
    result = finished([*AGENT, *arguments(node, "--once")])

    assert (result.returncode, result.stderr) == (0, "")
    assert "node k8s-master-0 is ready with generation 1" in result.stdout
    assert plane.states == ["booting", "configuring", "ready"]


def test_the_log_of_the_command_keeps_the_secrets(node: Node) -> None:
    shown = finished([*AGENT, *arguments(node, "--once")]).stdout

    assert "node-token" not in shown
    assert "heat-token" not in shown
    assert "PRIVATE KEY" not in shown


def test_a_failed_node_ends_the_command_with_1(node: Node) -> None:
    node.trouble(fail_pull="etcd")

    result = finished([*AGENT, *arguments(node, "--once")])

    assert result.returncode == 1
    assert "node k8s-master-0: phase images failed: " in result.stdout


def test_a_machine_without_boot_files_gets_one_sentence(tmp_path: Path) -> None:
    result = finished([*AGENT, "--root", str(tmp_path), "--host", "simulated"])

    assert (result.returncode, result.stderr) == (1, "")
    assert "agent cannot go on: /etc/magnum-lite/cluster.json is missing" in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_the_agent_loads_nothing_but_cryptography_yaml_and_itself() -> None:
    loaded = set(finished([sys.executable, "-c", THIRD_PARTIES]).stdout.split())

    assert {"cryptography", "magnum_lite"} <= loaded
    assert loaded - {"cryptography", "yaml", "magnum_lite"} <= PARTS_OF_THOSE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_agent_stops_within_a_second(plane: ControlPlane, node: Node, number: signal.Signals) -> None:
    with running(node) as process:
        plane.await_report("ready")

        begun = time.monotonic()
        process.send_signal(number)
        status = process.wait(END_SECONDS)

        assert status == 0
        assert time.monotonic() - begun < STOP_SECONDS


def test_an_agent_in_the_middle_of_a_call_stops_within_a_second(plane: ControlPlane, node: Node) -> None:
    release = threading.Event()
    plane.before = lambda route: None if route == "report" else bool(release.wait(END_SECONDS))
    with running(node) as process:
        plane.await_request("document")

        begun = time.monotonic()
        process.terminate()
        status = process.wait(END_SECONDS)
        seconds = time.monotonic() - begun

        release.set()
        assert (status, seconds < STOP_SECONDS) == (0, True)


def test_an_agent_waits_until_no_other_looks_after_its_node(plane: ControlPlane, node: Node) -> None:
    node.write("/var/lib/magnum-lite-agent/lock", "")
    with (node.root / "var/lib/magnum-lite-agent/lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with running(node) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1)
            requests = list(plane.requests)
            fcntl.flock(lock, fcntl.LOCK_UN)
            plane.await_report("ready")

    assert requests == []


def test_a_forked_agent_logs_below_its_root_and_ends_well(plane: ControlPlane, node: Node) -> None:
    process = multiprocessing.get_context("forkserver").Process(target=run, args=(node.root, "simulated"))
    process.start()
    plane.await_report("ready")
    assert process.pid is not None

    os.kill(process.pid, signal.SIGTERM)
    process.join(END_SECONDS)

    assert process.exitcode == 0
    log = node.read("/agent.log").splitlines()
    assert log[0].endswith(f"begins below {node.root}")
    assert log[-1].endswith("agent is told to stop")


@pytest.mark.parametrize(
    "kind", [{"units": (), "files": (), "binaries": ()}, {"certificates": ()}], ids=["certificates", "units"]
)
def test_an_agent_killed_at_any_moment_ends_in_the_same_place(
    plane: ControlPlane, tmp_path: Path, kind: dict[str, object]
) -> None:
    """Each round kills a new node's agent a moment later and lets another one finish; in the last nobody is killed."""
    plane.document = a_document(plane, **kind)
    for moment in itertools.count(1):
        node = Node(tmp_path / str(moment), plane)
        node.boot()
        plane.signals.clear()
        result = finished([*KILLED_AT, str(moment), *arguments(node, "--once")])
        keys = {path: path.read_bytes() for path in node.root.rglob("*.key")}

        node.agent().run(once=True)

        assert plane.states[-1] == "ready", moment
        assert {path: path.read_bytes() for path in keys} == keys, moment
        # The oneshot may be cut between its end and the note of it; it is made to run twice.
        assert set({**node.starts(), "prepare.service": 1}.values()) == {1}, moment
        assert {signal["status"] for signal in plane.signals} == {"SUCCESS"}, moment
        assert list(node.root.rglob(".*.new")) == [], moment
        if result.returncode == 0:
            break
        assert result.returncode == -signal.SIGKILL, result.stdout

    assert moment > 15


@pytest.mark.parametrize("moment", range(2, 17, 3))
def test_an_agent_killed_during_a_change_ends_in_the_same_place(plane: ControlPlane, node: Node, moment: int) -> None:
    node.agent().run(once=True)
    first = plane.document
    assert first is not None
    changed = tuple(replace(file, content=f"{file.content}# changed\n") for file in first.files[:1])
    plane.document = replace(first, generation=2, files=changed, units=first.units[1:2])
    finished([*KILLED_AT, str(moment), *arguments(node, "--once")])

    node.agent().run(once=True)

    assert (plane.states[-1], plane.reports[-1]["generation"]) == ("ready", 2)
    assert node.starts() == {"etcd.service": 2}
    assert not (node.root / "etc/kubernetes/kubelet.json").exists()
    assert [path.name for path in (node.root / "etc/systemd/system").iterdir()] == ["etcd.service"]
