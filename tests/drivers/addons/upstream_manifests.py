# SPDX-License-Identifier: Apache-2.0
"""Other projects' manifests as they are, found by SHA-256 below the folder that ``MAGNUM_LITE_MANIFESTS`` names."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from magnum_lite.nodeconf import Source

VARIABLE = "MAGNUM_LITE_MANIFESTS"


def real(source: Source) -> bytes:
    """Give the very file that a release pins; skip the test where nobody gives a folder, fail where it is not in it."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder with what other projects publish")
    found = _by_digest(Path(folder)).get(source.sha256)
    if found is None:
        pytest.fail(f"{source.url} is not in {folder}, which {VARIABLE} names")
    return found.read_bytes()


@functools.cache
def _by_digest(folder: Path) -> Mapping[str, Path]:
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in folder.rglob("*.yaml")}
