# SPDX-License-Identifier: Apache-2.0
"""Everything that a release pins, one part each, as a bill of materials names it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from magnum_lite.releases.catalogue import Binary, Release
from magnum_lite.releases.image_names import ImageName
from magnum_lite.releases.skew import version

NAMESPACE = uuid.UUID("6d61676e-756d-5f6c-6974-65000000a11e")
TOOL = "magnum-lite-manage"


class PartKind(StrEnum):
    IMAGE = "image"
    BINARY = "binary"
    MANIFEST = "manifest"


@dataclass(frozen=True)
class Part:
    """One thing that is pinned: ``name`` is unique among its kind, ``url`` empty for an image."""

    kind: PartKind
    name: str
    version: str
    sha256: str
    purl: str
    url: str = ""

    @property
    def ident(self) -> str:
        return f"{self.kind}-{self.name.replace('/', '-')}"


def parts(release: Release) -> Iterator[Part]:
    """Give what is pinned: images, then binaries for each machine, then manifests."""
    for component, image in release.images.items():
        yield _image(component, image)
    for name, one in release.downloads().items():
        yield _download(PartKind.MANIFEST if name in release.manifests else PartKind.BINARY, name, one)


def serial(release: Release) -> uuid.UUID:
    """Give an identifier that is the same for the same pins and no other."""
    return uuid.uuid5(NAMESPACE, "\n".join([release.tag, *(part.purl for part in parts(release))]))


def _image(component: str, text: str) -> Part:
    image = ImageName.find(text)
    assert image is not None  # noqa: S101 - the loader has read it
    name = image.repository.rpartition("/")[2]
    where = quote(image.name, safe="/:")
    purl = f"pkg:oci/{name}@{quote(image.digest, safe='')}?repository_url={where}&tag={quote(image.tag, safe='')}"
    return Part(PartKind.IMAGE, component, image.tag, image.digest.removeprefix("sha256:"), purl)


def _download(kind: PartKind, name: str, one: Binary) -> Part:
    number = ".".join(map(str, version(one.url) or ()))
    what = quote(name.partition("/")[0])
    at = f"@{number}" if number else ""
    url = quote(one.url, safe="/:")
    purl = f"pkg:generic/{what}{at}?checksum=sha256:{one.sha256}&download_url={url}"
    return Part(kind, name, number, one.sha256, purl, one.url)
