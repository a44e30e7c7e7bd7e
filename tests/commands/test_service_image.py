# SPDX-License-Identifier: Apache-2.0
"""The image of the services: what its build copies is all that they need besides the packages that are pinned."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
FOLDER = TOP / "containers" / "service"
SECONDS = 120.0
COMMANDS = ("magnum-lite-api", "magnum-lite-conductor", "magnum-lite-manage", "magnum-lite-status")


def instructions() -> list[list[str]]:
    """Give the words of each instruction."""
    text = (FOLDER / "Containerfile").read_text().replace("\\\n", "")
    return [shlex.split(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install what the build copies, and only that, without the packages that it needs."""
    root, target = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("installed")
    for _, *sources, place in (words for words in instructions() if words[0] == "COPY"):
        for source in sources:
            to = root / place.lstrip("/") / (Path(source).name if place.endswith("/") else "")
            to.parent.mkdir(parents=True, exist_ok=True)
            if (TOP / source).is_dir():
                shutil.copytree(TOP / source, to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(TOP / source, to)
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-compile", "--quiet"]
    environment = {**os.environ, "PBR_VERSION": "1.2.3"}
    words = [*command, "--target", str(target), str(root / "src")]
    subprocess.run(words, env=environment, check=True, timeout=SECONDS)
    return target


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_runs_from_what_the_image_has(installed: Path, name: str) -> None:
    # Before the checkout, which the environment of the tests knows.
    done = subprocess.run(
        [sys.executable, str(installed / "bin" / name), "--help"],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, "usage" in done.stdout) == (0, True), done.stderr


def test_every_file_of_the_package_is_in_the_image(installed: Path) -> None:
    def files(folder: Path) -> set[Path]:
        return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}

    assert files(installed / "magnum_lite") == files(TOP / "magnum_lite")


def test_what_is_copied_is_not_ignored() -> None:
    ignored = (FOLDER / "Containerfile.containerignore").read_text().splitlines()
    sources = {source for words in instructions() if words[0] == "COPY" for source in words[1:-1]}

    assert {line[1:] for line in ignored if line.startswith("!")} == sources


def test_the_base_is_for_the_builder_to_choose_and_nobody_is_root() -> None:
    words = instructions()

    assert words[:2] == [["ARG", "BASE"], ["FROM", "${BASE}"]]
    assert next(line[1] for line in words if line[0] == "USER").startswith("65532")
    assert "--constraint" in next(line for line in words if line[0] == "RUN")
