# SPDX-License-Identifier: Apache-2.0
"""How containerd, which runs the pods' containers, is configured."""

from __future__ import annotations

import tomllib
from pathlib import Path

from magnum_lite.drivers.k8s_fcos import toml
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.nodeconf import File

SKELETON = Path(__file__).parent / "node" / "config" / "containerd.toml"
PATH = "/etc/containerd/config.toml"
IMAGES = "io.containerd.cri.v1.images"


def configuration(place: Place) -> File:
    """Give containerd's configuration, with the release's image of the pods' sandboxes."""
    found = tomllib.loads(SKELETON.read_text())
    found["plugins"][IMAGES]["pinned_images"] = {"sandbox": _without_tag(place.image("pause"))}
    return File(PATH, toml.render(found))


def _without_tag(image: str) -> str:
    """Give a pinned image by its digest alone.

    containerd drops the tag beside a digest, and keeps an image from being cleaned away only if it is named so here.
    """
    name, _, digest = image.partition("@")
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}@{digest}"
