# SPDX-License-Identifier: Apache-2.0
"""tools/environment says in one sentence why it cannot make an environment, and leaves a good one alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "environment"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder at the head of the PATH for programs that behave as a test wants."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def _run(folder: Path, programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, folder, "test-requirements.txt"],
        env={
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHON": sys.executable,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_old_python_is_refused(tmp_path: Path, programs: Path) -> None:
    old = _program(programs / "python3", 'case "$1" in --version) echo "Python 3.9.2" ;; *) exit 1 ;; esac')

    done = _run(tmp_path / "venv", programs, PYTHON=str(old))

    assert done.returncode == 1
    assert done.stderr.startswith(f"Python 3.11 or newer is needed, and '{old}' is Python 3.9.2:")


def test_a_python_without_venv_is_refused(tmp_path: Path, programs: Path) -> None:
    bare = _program(programs / "python3", f'case "$2" in *ensurepip*) exit 1 ;; *) exec {sys.executable} "$@" ;; esac')

    done = _run(tmp_path / "venv", programs, PYTHON=str(bare))

    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr


def test_a_full_disk_is_noticed_before_anything_is_installed(tmp_path: Path, programs: Path) -> None:
    _program(programs / "df", "echo header; echo /dev/full 100 100 2048 99% /")

    done = _run(tmp_path / "venv", programs)

    assert done.returncode == 1
    assert "has 2 MiB free, and 1024 MiB are needed" in done.stderr


def test_an_environment_that_fits_is_left_alone(tmp_path: Path, programs: Path) -> None:
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    shutil.copy2("/bin/true", folder / "bin" / "python")
    _program(programs / "cmp", "cat >/dev/null")

    done = _run(folder, programs)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_environment_alone_has_its_own_pins_before_the_projects_and_not_the_project(
    tmp_path: Path, programs: Path
) -> None:
    installed = tmp_path / "installed.txt"
    records = f"printf '#!/bin/sh\\necho \"$*\" >>{installed}\\n' >$4/bin/python && chmod +x $4/bin/python"
    recorder = _program(
        programs / "python3",
        f'if [ "$1 $2" = "-m venv" ]; then mkdir -p $4/bin && {records}; else exec {sys.executable} "$@"; fi',
    )
    own = tmp_path / "own.txt"
    own.write_text("# An older one.\nkombu==5.4.0\n")

    done = subprocess.run(
        [SCRIPT, "--alone", tmp_path / "venv", own],
        env={**os.environ, "PYTHON": str(recorder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    pins = (tmp_path / "venv" / "pins.txt").read_text().splitlines()
    names = {line.partition("==")[0] for line in pins}
    assert (done.returncode, done.stderr) == (0, "")
    assert "kombu" not in names
    assert {"pip", "requests"} <= names
    assert f"--requirement {own}" in installed.read_text()
    assert "--editable" not in installed.read_text()
