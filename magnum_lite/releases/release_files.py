# SPDX-License-Identifier: Apache-2.0
"""Files of releases and of pins: read with every mistake told, and written."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import yaml

from magnum_lite.errors import ConfigurationError
from magnum_lite.releases.catalogue import BINARIES, COMPONENTS, CONTROL_PLANE, MACHINES, MANIFESTS, Binary, Release
from magnum_lite.releases.image_names import ImageName, is_pinned

try:
    # Ten times as fast; only a PyYAML that was built without libyaml does not have it.
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

SUFFIX = ".yaml"
PINS_SUFFIX = ".pins.yaml"
TAG = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z.]+)?", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
URL = re.compile(r"https?://[a-z0-9.:\[\]-]+/[!-~]+", re.ASCII)
# Digests are longer than a line of YAML would be.
WIDTH = 1000


@dataclass(frozen=True)
class Pins:
    """What an operator pins for a release beside what its file says."""

    tag: str
    images: Mapping[str, str] = field(default_factory=dict)
    binaries: Mapping[str, Mapping[str, Binary]] = field(default_factory=dict)
    manifests: Mapping[str, Binary] = field(default_factory=dict)


def read_release(path: Path) -> Release:
    """Read a release's file; raise ``ConfigurationError`` that names file, entry and what is allowed there."""
    file = _File(path, "release file")
    found = file.mapping("", file.read(), ("release", "images", "binaries", "manifests", "unpinned"))
    file.check_tag("release", found, path.name.removesuffix(SUFFIX))
    release = Release(
        tag=str(found["release"]),
        images=file.images("images", found),
        binaries=file.binaries("binaries", found, needed=True),
        manifests=file.manifests("manifests", found),
        unpinned=file.unpinned("unpinned", found),
    )
    for component in CONTROL_PLANE:
        if component not in release.images:
            file.refuse(f"images.{component}", "is not there", "every release must pin the control plane")
    for component in release.unpinned:
        if component in release.images:
            file.refuse(f"unpinned.{component}", "is among images too", "it takes what images does not have")
    return release


def read_pins(path: Path) -> Pins:
    """Read a file of pins; raise as ``read_release`` does."""
    file = _File(path, "pin file")
    found = file.mapping("", file.read(), ("pins", "images", "binaries", "manifests"))
    file.check_tag("pins", found, path.name.removesuffix(PINS_SUFFIX))
    return Pins(
        tag=str(found["pins"]),
        images=file.images("images", found),
        binaries=file.binaries("binaries", found),
        manifests=file.manifests("manifests", found),
    )


def write(path: Path, head: Iterable[str], tree: Mapping[str, object]) -> None:
    """Write a file of releases or pins in one stroke: a reader sees the old one or the new one."""
    text = "".join(f"# {line}".rstrip() + "\n" for line in head)
    text += "---\n" + yaml.safe_dump(tree, sort_keys=False, width=WIDTH, allow_unicode=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        new = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            new.chmod(0o644)
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise


def downloads_tree(found: Mapping[str, Binary]) -> dict[str, dict[str, str]]:
    """Give downloads as a file has them."""
    return {name: {"url": one.url, "sha256": one.sha256} for name, one in found.items()}


class _Strict(SafeLoader):
    """YAML in which no key stands twice: the second one would hide the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        keys = [key.value for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{twice[0]} stands there twice", node.start_mark)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class _File:
    path: Path
    kind: str

    def refuse(self, entry: str, what: str, allowed: str) -> NoReturn:
        raise ConfigurationError(f"{self.kind} {self.path}: {f'{entry} ' if entry else ''}{what}: {allowed}")

    def read(self) -> object:
        try:
            # The loader is a SafeLoader that takes less.
            return yaml.load(self.path.read_text(encoding="utf-8"), _Strict)  # noqa: S506
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigurationError(f"{self.kind} {self.path} cannot be read: {error}") from error

    def mapping(self, entry: str, found: object, known: Iterable[str]) -> Mapping[str, object]:
        names = ", ".join(known)
        if not isinstance(found, dict):
            self.refuse(entry, f"is {found!r}" if entry else "holds no mapping", f"it takes a mapping of {names}")
        for key in found:
            if key not in known:
                self.refuse(f"{entry}.{key}".lstrip("."), "is not known", f"it takes one of {names}")
        return found

    def check_tag(self, key: str, found: Mapping[str, object], stem: str) -> None:
        tag = found.get(key)
        if not isinstance(tag, str) or not TAG.fullmatch(tag):
            self.refuse(key, f"is {tag!r}", "it takes a release such as v1.34.7")
        if tag != stem:
            self.refuse(key, f"is {tag}", f"a file of this name is for {stem}")

    def images(self, key: str, found: Mapping[str, object]) -> dict[str, str]:
        given = self.mapping(key, found.get(key) or {}, COMPONENTS)
        for component, image in given.items():
            if not is_pinned(str(image)):
                allowed = "it takes REGISTRY/PATH:TAG@sha256: and 64 hexadecimal digits"
                self.refuse(f"{key}.{component}", f"is not pinned ({image})", allowed)
        return {component: str(image) for component, image in given.items()}

    def unpinned(self, key: str, found: Mapping[str, object]) -> dict[str, str]:
        given = self.mapping(key, found.get(key) or {}, COMPONENTS)
        for component, image in given.items():
            name = ImageName.find(str(image))
            if name is None or name.digest:
                self.refuse(f"{key}.{component}", f"is {image!r}", "it takes NAME:TAG without a digest")
        return {component: str(image) for component, image in given.items()}

    def binaries(self, key: str, found: Mapping[str, object], *, needed: bool = False) -> dict[str, dict[str, Binary]]:
        given = self.mapping(key, found.get(key) or {}, BINARIES)
        read = {name: self._by_machine(f"{key}.{name}", value) for name, value in given.items()}
        for name in BINARIES if needed else ():
            if name not in read:
                self.refuse(f"{key}.{name}", "is not there", f"every release must pin {', '.join(BINARIES)}")
            if set(read[name]) != set(read[BINARIES[0]]):
                self.refuse(f"{key}.{name}", f"is for {', '.join(read[name])}", "all must be for the same machines")
        return read

    def _by_machine(self, entry: str, found: object) -> dict[str, Binary]:
        given = self.mapping(entry, found, MACHINES)
        if not given:
            self.refuse(entry, "is empty", f"it takes at least one of {', '.join(MACHINES)}")
        return {machine: self._download(f"{entry}.{machine}", value) for machine, value in given.items()}

    def manifests(self, key: str, found: Mapping[str, object]) -> dict[str, Binary]:
        given = self.mapping(key, found.get(key) or {}, MANIFESTS)
        return {name: self._download(f"{key}.{name}", value) for name, value in given.items()}

    def _download(self, entry: str, found: object) -> Binary:
        given = self.mapping(entry, found, ("url", "sha256"))
        url, sha256 = str(given.get("url")), str(given.get("sha256"))
        if not URL.fullmatch(url):
            self.refuse(f"{entry}.url", f"is {url}", "it takes a URL that begins with https:// or http://")
        if not SHA256.fullmatch(sha256):
            self.refuse(f"{entry}.sha256", f"is not pinned ({sha256})", "it takes 64 hexadecimal digits")
        return Binary(url, sha256)
