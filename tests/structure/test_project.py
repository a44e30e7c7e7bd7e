# SPDX-License-Identifier: Apache-2.0
"""The project's packaging: what it promises to install is there, pinned, and of this project alone."""

import configparser
import importlib
import importlib.metadata
import re

import pytest

from tests.structure import source

REQUIREMENTS = [
    "requirements.txt",
    "test-requirements.txt",
    "doc/requirements.txt",
    "tools/quickstart.d/requirements.txt",
]
MACHINE_PATHS = re.compile("/" + "work/(main|scratch|shared|briefs)|/" + r"root/\.")


def _names(file: str) -> set[str]:
    lines = (source.ROOT / file).read_text().splitlines()
    wanted = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith("#"))
    return {_normal(match[0]) for match in wanted if match}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("file", REQUIREMENTS)
def test_every_requirement_is_pinned(file: str) -> None:
    assert _names(file) - _names("constraints.txt") == set()


@pytest.mark.parametrize(
    ("folder", "files"),
    [("magnum_lite", ["requirements.txt"]), ("tests", ["requirements.txt", "test-requirements.txt"])],
)
def test_every_imported_library_is_required(folder: str, files: list[str]) -> None:
    required = set.union(*map(_names, files))
    distributions = importlib.metadata.packages_distributions()
    missing = {
        f"{source.name_of(path)}: {name}"
        for path in source.python_files(folder)
        for name in source.imported_packages(path)
        if name in distributions and not required.intersection(map(_normal, distributions[name]))
    }

    assert missing - {name for name in missing if name.endswith((": magnum_lite", ": tests"))} == set()


def _entry_points() -> list[str]:
    settings = configparser.ConfigParser()
    settings.read(source.ROOT / "setup.cfg")
    lines = "\n".join(settings["entry_points"].values()).splitlines()
    return [line.partition("=")[2].strip() for line in lines if line]


@pytest.mark.parametrize("entry_point", _entry_points())
def test_every_entry_point_leads_to_something(entry_point: str) -> None:
    module, _, name = entry_point.partition(":")

    assert callable(getattr(importlib.import_module(module), name))


def test_no_file_names_a_path_of_one_machine() -> None:
    local = [source.name_of(path) for path in source.text_files() if MACHINE_PATHS.search(path.read_text())]

    assert local == []
