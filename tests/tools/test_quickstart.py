# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart says in one sentence why it cannot go on."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import lacking

PROGRAM = Path(__file__).parents[2] / "tools" / "quickstart.d"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".magnum-lite").mkdir()
    return tmp_path


def _run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, PROGRAM, *arguments]
    return subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("option", ["--api-port", "--cloud-port"])
def test_a_taken_port_is_named_with_the_option_that_changes_it(home: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, socket.create_server(("127.0.0.1", 0)) as spare:
        port = other.getsockname()[1]
        free = spare.getsockname()[1]
        spare.close()
        rest = {"--api-port": "--cloud-port", "--cloud-port": "--api-port"}[option]
        done = _run(home, option, str(port), rest, str(free))

    assert done.returncode == 1
    assert done.stderr == (
        f"quickstart: Port {port} of 127.0.0.1 is taken by another program: "
        f"stop it, or choose another port with {option}.\n"
    )


def a_program(path: Path, says: str = "") -> None:
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)


def test_a_folder_of_programs_that_is_not_there_is_named(home: Path) -> None:
    done = _run(home, "--kubernetes", "nowhere")

    assert (done.returncode, done.stderr) == (1, "quickstart: --kubernetes nowhere: there is no such folder.\n")


def test_programs_that_a_folder_does_not_hold_are_named(home: Path) -> None:
    (home / "bin").mkdir()
    a_program(home / "bin" / "kube-apiserver")
    a_program(home / "bin" / "etcd")

    done = _run(home, "--kubernetes", "bin")

    missing = "kube-controller-manager, kube-scheduler, kubectl"
    assert (done.returncode, done.stderr) == (1, f"quickstart: --kubernetes bin: it does not hold {missing}.\n")


def test_a_program_that_tells_no_version_is_refused(home: Path) -> None:
    lacking.root("only root gets as far as this")
    (home / "bin").mkdir()
    for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "etcd"):
        a_program(home / "bin" / name, "a joke")

    done = _run(home, "--kubernetes", "bin")

    assert done.stderr == "quickstart: bin/kube-apiserver --version does not tell a version: a joke\n"


def test_stopping_when_nothing_runs_is_no_failure(home: Path) -> None:
    done = _run(home, "--stop")

    assert (done.returncode, done.stdout) == (0, "Nothing is running.\n")


def test_a_service_that_does_not_start_is_shown_with_its_last_words(home: Path) -> None:
    # A state folder that cannot be made is what a service started twice in one folder would meet.
    (home / ".magnum-lite" / "state").write_text("in the way")

    done = _run(home, "--api-port", "0", "--cloud-port", "0")

    assert done.returncode == 1
    assert done.stderr.startswith("quickstart: ")
    assert "Traceback" not in done.stderr
