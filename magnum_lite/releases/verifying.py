# SPDX-License-Identifier: Apache-2.0
"""Whether what a release pins is there, and is what it was pinned as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from magnum_lite.errors import BadRequest
from magnum_lite.releases.catalogue import Binary, Release
from magnum_lite.releases.image_names import ImageName
from magnum_lite.releases.registry import Registries, Unavailable


@dataclass(frozen=True)
class Mirror:
    """Where a closed network has everything: a cluster's labels ``container_infra_prefix`` and ``download_prefix``."""

    images: str = ""
    downloads: str = ""


@dataclass(frozen=True)
class Verdict:
    """What came of looking at one entry: its place, and what is wrong with it or ``None``."""

    entry: str
    place: str
    wrong: str | None


def places(release: Release, mirror: Mirror) -> Iterator[tuple[str, str]]:
    """Give every image and URL that nodes fetch, by entry."""
    for component in release.images:
        yield component, release.image(component, mirror.images)
    for name, one in release.downloads().items():
        yield name, one.url_at(mirror.downloads)


def verify(release: Release, only: Sequence[str], mirror: Mirror, registries: Registries) -> Iterator[Verdict]:
    """Ask for each image by its digest, and download each file and sum it; all entries unless some are named.

    A binary's name stands for all machines. Raises ``BadRequest`` for an entry that the release does not pin.
    """
    downloads, found = release.downloads(), dict(places(release, mirror))
    for entry in _chosen(release, only, list(found)):
        if entry in downloads:
            yield Verdict(entry, found[entry], _wrong_download(found[entry], downloads[entry], registries))
        else:
            yield Verdict(entry, found[entry], _wrong_image(found[entry], registries))


def _chosen(release: Release, only: Sequence[str], known: Sequence[str]) -> list[str]:
    for name in only:
        if not any(name in (entry, entry.partition("/")[0]) for entry in known):
            raise BadRequest(f"release {release.tag} pins no {name}; it pins {', '.join(known)}")
    return [entry for entry in known if not only or {entry, entry.partition("/")[0]}.intersection(only)]


def _wrong_image(image: str, registries: Registries) -> str | None:
    name = ImageName.find(image)
    if name is None:
        return "is no image's name"
    try:
        found = registries.manifest(name)
    except Unavailable as error:
        return error.message
    return None if found.digest == name.digest else f"what is served there is {found.digest}"


def _wrong_download(url: str, wanted: Binary, registries: Registries) -> str | None:
    try:
        found = registries.sha256(url)
    except Unavailable as error:
        return error.message
    return None if found == wanted.sha256 else f"its SHA-256 is {found}, not {wanted.sha256}"
