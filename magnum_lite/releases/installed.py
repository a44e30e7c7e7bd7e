# SPDX-License-Identifier: Apache-2.0
"""The releases that an installation has: ours and its operator's, with what the operator pinned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

from magnum_lite.errors import ConfigurationError
from magnum_lite.releases import skew
from magnum_lite.releases.catalogue import DEFAULT, FOLDER, Release
from magnum_lite.releases.release_files import PINS_SUFFIX, SUFFIX, Pins, read_pins, read_release


class Releases:
    """Every release by its tag, oldest first; made once per process."""

    default = DEFAULT

    def __init__(self, releases: Iterable[Release]) -> None:
        ordered = sorted(releases, key=lambda one: skew.age(one.tag))
        self._by_tag: Mapping[str, Release] = {one.tag: one for one in ordered}

    @classmethod
    def load(cls, directories: Iterable[str | Path] = ()) -> Self:
        """Read our releases and those of an operator's directories, then the pins there, the last one winning.

        Raises ``ConfigurationError`` for the first thing in a file that is not pinned, not known, not for the release
        that the file is named for, or that breaks a rule of version skew; and when two files are of one release.
        """
        folders = [FOLDER, *map(Path, directories)]
        paths = [path for folder in folders for path in _files(folder)]
        found: dict[str, tuple[Release, list[Path]]] = {}
        for path in (one for one in paths if not one.name.endswith(PINS_SUFFIX)):
            release = read_release(path)
            if release.tag in found:
                raise ConfigurationError(
                    f"release {release.tag} is in two files, {found[release.tag][1][0]} and {path}: "
                    f"to change a release, put {release.tag}{PINS_SUFFIX} beside it"
                )
            found[release.tag] = (release, [path])
        for path in (one for one in paths if one.name.endswith(PINS_SUFFIX)):
            pins = read_pins(path)
            if pins.tag not in found:
                raise ConfigurationError(f"pin file {path}: there is no release {pins.tag}: {', '.join(found)} are")
            release, sources = found[pins.tag]
            found[pins.tag] = (pinned(release, pins), [*sources, path])
        for release, sources in found.values():
            _check(release, sources)
        return cls(release for release, _ in found.values())

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(self._by_tag)

    def find(self, tag: str) -> Release | None:
        return self._by_tag.get(tag)

    def __iter__(self) -> Iterator[Release]:
        return iter(self._by_tag.values())


def pinned(release: Release, pins: Pins) -> Release:
    """Give a release with what was pinned for it in place of what it says itself."""
    images = {**release.images, **pins.images}
    return dataclasses.replace(
        release,
        images=images,
        binaries={**release.binaries, **pins.binaries},
        manifests={**release.manifests, **pins.manifests},
        unpinned={name: image for name, image in release.unpinned.items() if name not in images},
    )


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigurationError(f"[releases] directories: {folder} is no directory")
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if not path.name.startswith("."))


def _check(release: Release, sources: Iterable[Path]) -> None:
    broken = next(skew.broken_rules(release), None)
    if broken:
        raise ConfigurationError(f"release {release.tag} ({', '.join(map(str, sources))}): {broken}")
