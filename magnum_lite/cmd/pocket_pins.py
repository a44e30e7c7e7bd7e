# SPDX-License-Identifier: Apache-2.0
"""Pins for the small cloud: its own registry gives a digest for every image that our releases do not pin."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from magnum_lite.releases import pinning
from magnum_lite.releases.image_names import ImageName
from magnum_lite.releases.installed import Releases
from magnum_lite.releases.registry import Registries


def write(directory: Path, cloud_url: str) -> None:
    """Pin what every release lacks, as an operator does, to images of the small cloud's registry."""
    registry = urlsplit(cloud_url).netloc
    with Registries() as registries:
        for release in Releases.load():
            images = {name: _here(image, registry) for name, image in release.unpinned.items()}
            found = {one.component: one.image for one in pinning.resolve(images, registries)}
            pinning.save(release, found, directory)


def _here(image: str, registry: str) -> ImageName:
    found = ImageName.find(image)
    assert found is not None  # noqa: S101 - the loader has read it
    return ImageName(registry, found.repository, found.tag)
