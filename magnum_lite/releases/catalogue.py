# SPDX-License-Identifier: Apache-2.0
"""Releases: one pinned set of component versions each, read from a YAML file that names every digest."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from magnum_lite.errors import ConfigurationError

FOLDER = Path(__file__).parent
DEFAULT = "v1.35.4"

IMAGE = re.compile(r"[a-z0-9][\w./:-]*:[\w.-]+@sha256:[0-9a-f]{64}")
SHA256 = re.compile(r"[0-9a-f]{64}")
URL = re.compile(r"https://[!-~]+")


@dataclass(frozen=True)
class Binary:
    """A download and the SHA-256 it must have."""

    url: str
    sha256: str


@dataclass(frozen=True)
class Release:
    """What belongs together: images (``name:tag@sha256:...``) by component, binaries by name and architecture.

    ``manifests`` are what other projects publish, by component. ``unpinned`` maps a component to the image
    (``name:tag``) that would belong to this release, and whose digest nobody trustworthy has published.
    """

    tag: str
    images: Mapping[str, str]
    binaries: Mapping[str, Mapping[str, Binary]]
    manifests: Mapping[str, Binary] = field(default_factory=dict)
    unpinned: Mapping[str, str] = field(default_factory=dict)

    def image(self, component: str, prefix: str = "") -> str:
        """Give a component's image; a ``prefix`` that ends in ``/`` takes the place of its registry and path."""
        image = self.images[component]
        return f"{prefix}{image.rpartition('/')[2]}" if prefix else image


@functools.cache
def all_releases() -> Mapping[str, Release]:
    """Give every release by its tag, oldest first. Raises ``ConfigurationError`` for a file that pins too little."""
    found = [read(path) for path in FOLDER.glob("*.yaml")]
    return {one.tag: one for one in sorted(found, key=_age)}


def find(tag: str) -> Release | None:
    return all_releases().get(tag)


def read(path: Path) -> Release:
    """Read one file; refuse anything in it that is not pinned."""
    raw = yaml.safe_load(path.read_text())
    if not isinstance(raw, dict) or set(raw) != {"release", "images", "binaries"}:
        raise ConfigurationError(f"release file {path.name} must hold release, images and binaries, nothing else")
    if raw["release"] != path.stem:
        raise ConfigurationError(f"release file {path.name} calls itself {raw['release']}")
    for component, image in raw["images"].items():
        if not IMAGE.fullmatch(str(image)):
            raise ConfigurationError(f"release file {path.name}: image {component} is not pinned by a digest: {image}")
    return Release(
        tag=raw["release"],
        images=raw["images"],
        binaries={name: _binary(path, name, by_machine) for name, by_machine in raw["binaries"].items()},
    )


def _binary(path: Path, name: str, by_machine: Mapping[str, Mapping[str, str]]) -> Mapping[str, Binary]:
    for machine, one in by_machine.items():
        if not URL.fullmatch(str(one.get("url"))) or not SHA256.fullmatch(str(one.get("sha256"))):
            raise ConfigurationError(
                f"release file {path.name}: binary {name} for {machine} needs an https URL and the SHA-256 of it"
            )
    return {machine: Binary(one["url"], one["sha256"]) for machine, one in by_machine.items()}


def _age(release: Release) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release.tag))
