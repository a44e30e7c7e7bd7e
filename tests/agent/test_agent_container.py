# SPDX-License-Identifier: Apache-2.0
"""The agent's image holds what the agent needs and nothing else, all of it pinned."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
CONTAINERFILE = TOP / "containers/agent/Containerfile"
REQUIREMENTS = TOP / "containers/agent/requirements.txt"
PINNED = re.compile(r"^([\w-]+)==(\S+)((?:\s+--hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)
LOADS_ALL = """
import importlib, pkgutil, magnum_lite.agent
for one in pkgutil.walk_packages(magnum_lite.agent.__path__, "magnum_lite.agent."):
    importlib.import_module(one.name)
"""


def instructions() -> list[list[str]]:
    """Give the words of each instruction."""
    text = CONTAINERFILE.read_text().replace("\\\n", "")
    return [shlex.split(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def requirements() -> dict[str, str]:
    """Give the pinned versions by name."""
    text = REQUIREMENTS.read_text().replace("\\\n", " ")
    return {name: version for name, version, _ in PINNED.findall(text)}


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Lay what the image's build copies, and as installed packages those that it installs."""
    for _, *sources, target in (words for words in instructions() if words[0] == "COPY"):
        for source in sources:
            _copy(TOP / source, tmp_path / target.lstrip("/"), is_folder=target.endswith("/"))
    for name in requirements():
        for file in metadata.files(name) or ():
            if ".." not in file.parts:
                _copy(Path(str(file.locate())), tmp_path / "site" / str(file))
    return tmp_path


def _copy(source: Path, target: Path, *, is_folder: bool = False) -> None:
    place = target / source.name if is_folder else target
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, place)


def python(image: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with what is in the image and its own standard library, nothing else."""
    paths = f"{image}/opt/magnum-lite:{image}/site"
    return subprocess.run(
        [sys.executable, "-S", *arguments], env={"PYTHONPATH": paths}, capture_output=True, text=True, timeout=60
    )


def test_the_base_is_for_the_builder_to_choose() -> None:
    assert instructions()[:2] == [["ARG", "BASE"], ["FROM", "${BASE}"]]


def test_every_package_is_pinned_by_version_and_digest() -> None:
    text = re.sub(r"^#.*$", "", REQUIREMENTS.read_text().replace("\\\n", " "), flags=re.MULTILINE)

    assert PINNED.sub("", text).strip() == ""
    assert len(requirements()) == 4


def test_the_versions_are_those_that_the_tests_run_with() -> None:
    constraints = set((TOP / "constraints.txt").read_text().split())

    assert {f"{name}=={version}" for name, version in requirements().items()} - constraints == set()


def test_all_of_the_agent_can_be_loaded_with_what_is_in_the_image(image: Path) -> None:
    result = python(image, "-c", LOADS_ALL)

    assert (result.returncode, result.stderr) == (0, "")


def test_the_command_of_the_image_runs(image: Path) -> None:
    result = python(image, f"{image}/usr/local/bin/magnum-lite-agent", "--help")

    assert "--host" in result.stdout


def test_the_agents_unit_runs_the_command_of_the_image() -> None:
    unit = (TOP / "magnum_lite/drivers/k8s_fcos/node/units/boot/magnum-lite-agent.service").read_text()
    command = next(words for words in instructions() if words[0] == "CMD")

    assert " ".join(word.strip("[],") for word in command[1:]) in unit
