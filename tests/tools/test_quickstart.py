# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart says in one sentence why it cannot go on."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

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
