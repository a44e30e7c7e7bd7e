# SPDX-License-Identifier: Apache-2.0
"""Pins for tests: every component that a release of ours does not pin gets a digest that is plainly none."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from oslo_config import cfg

from magnum_lite.releases import pinning
from magnum_lite.releases.installed import Releases

DIGEST = "sha256:" + "ab" * 32


@functools.cache
def directory() -> Path:
    """Give a folder with a file of pins for each of our releases; it is there until the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="magnum-lite-pins-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for release in Releases.load():
        images = {name: f"{_named(image)}@{DIGEST}" for name, image in release.unpinned.items()}
        pinning.save(release, images, folder)
    return folder


def configure(conf: cfg.ConfigOpts) -> cfg.ConfigOpts:
    """Have every release complete for what is made from this configuration."""
    conf.set_override("directories", [str(directory())], group="releases")
    return conf


def releases() -> Releases:
    return Releases.load([directory()])


def _named(image: str) -> str:
    return image if "/" in image else f"registry.example/{image}"
