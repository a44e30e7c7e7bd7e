# SPDX-License-Identifier: Apache-2.0
"""Configuration files that addons hand to their programs: kept as YAML, handed over as JSON, which is YAML too."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


def read(path: Path) -> dict[str, Any]:
    """Give what one settings file holds, to be changed at will."""
    return copy.deepcopy(_parsed(path))


@functools.cache
def _parsed(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def as_file(settings: Mapping[str, object]) -> str:
    """Give settings as the text of a file; the same settings give the same text."""
    return json.dumps(settings, indent=2, sort_keys=True)


def as_files(folder: Path) -> dict[str, str]:
    """Give a folder's settings as the data of a ConfigMap: ``name.json`` for each ``name.yaml``."""
    return {f"{path.stem}.json": as_file(read(path)) for path in sorted(folder.glob("*.yaml"))}


def fingerprint(files: Mapping[str, str]) -> str:
    """Give a word that changes with the files: as a Pod's annotation it has programs started again with new ones."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
