# SPDX-License-Identifier: Apache-2.0
"""Pinning what a release does not: a registry is asked for the digest, and a file keeps it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from magnum_lite.errors import BadRequest, ConfigurationError
from magnum_lite.releases import installed, skew
from magnum_lite.releases.catalogue import COMPONENTS, Release
from magnum_lite.releases.image_names import ImageName
from magnum_lite.releases.registry import Registries
from magnum_lite.releases.release_files import PINS_SUFFIX, Pins, downloads_tree, read_pins, write

HEAD = (
    "SPDX-License-Identifier: Apache-2.0",
    "What this installation pins beside its releases, written by magnum-lite-manage release pin.",
)


@dataclass(frozen=True)
class Pinned:
    """A component's image with its digest, and the machines it is for where it is for several."""

    component: str
    image: str
    machines: tuple[str, ...] = ()


def wanted(release: Release, given: Iterable[str], *, everything: bool = False) -> dict[str, ImageName]:
    """Give the image of each component that a command line names (``COMPONENT[=NAME:TAG[@DIGEST]]``).

    ``everything`` stands for all that the release does not pin and of which it knows a registry. Raises
    ``BadRequest`` for a component that there is not, and for what is no image.
    """
    named = dict(one.partition("=")[::2] for one in given)
    rest = dict.fromkeys((name for name in release.unpinned if name not in unpublished(release)), "")
    asked = {**rest, **named} if everything else named
    return {component: _image(release, component, text) for component, text in asked.items()}


def unpublished(release: Release) -> tuple[str, ...]:
    """Give the components whose images nobody publishes: an operator builds them."""
    images = {name: ImageName.find(image) for name, image in release.unpinned.items()}
    return tuple(name for name, image in images.items() if image is not None and not image.registry)


def resolve(images: Mapping[str, ImageName], registries: Registries) -> Iterator[Pinned]:
    """Ask for each image's digest, one after the other; one that was given is asked for as well, to be sure."""
    for component, image in images.items():
        found = registries.manifest(image)
        if image.digest and found.digest != image.digest:
            raise BadRequest(f"{component}: {image} is {found.digest} at the registry")
        yield Pinned(component, str(dataclasses.replace(image, digest=found.digest)), found.machines)


def save(release: Release, images: Mapping[str, str], directory: Path) -> Path:
    """Put the images into the release's file of pins, beside what is there, and give the file.

    Raises ``ConfigurationError``, and changes nothing, when the release would break a rule of version skew.
    """
    path = directory / f"{release.tag}{PINS_SUFFIX}"
    before = read_pins(path) if path.exists() else Pins(release.tag)
    pins = dataclasses.replace(before, images={**before.images, **images})
    broken = next(skew.broken_rules(installed.pinned(release, pins)), None)
    if broken:
        raise ConfigurationError(f"release {release.tag}: {broken}")
    directory.mkdir(parents=True, exist_ok=True)
    write(path, HEAD, _tree(pins))
    return path


def _image(release: Release, component: str, text: str) -> ImageName:
    if component not in COMPONENTS:
        raise BadRequest(f"component {component} is not known: it takes one of {', '.join(COMPONENTS)}")
    text = text or release.unpinned.get(component, "") or release.images.get(component, "").partition("@")[0]
    if not text:
        raise BadRequest(f"release {release.tag} names no image of {component}: give {component}=NAME:TAG")
    image = ImageName.find(text)
    if image is None:
        raise BadRequest(f"{text} is no image: it takes NAME:TAG or NAME:TAG@sha256: and 64 hexadecimal digits")
    if not image.registry:
        raise BadRequest(
            f"{component} is {image}, which names no registry: build it, push it to yours and give "
            f"{component}=REGISTRY/{image}"
        )
    return image


def _tree(pins: Pins) -> dict[str, object]:
    binaries = {name: downloads_tree(by_machine) for name, by_machine in pins.binaries.items()}
    parts = {"images": dict(pins.images), "binaries": binaries, "manifests": downloads_tree(pins.manifests)}
    return {"pins": pins.tag, **{name: part for name, part in parts.items() if part}}
