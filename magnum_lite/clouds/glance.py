# SPDX-License-Identifier: Apache-2.0
"""Glance: images that requests name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from magnum_lite.clouds.naming import is_uuid, only
from magnum_lite.clouds.session import GLANCE, CloudSession, get_json
from magnum_lite.clouds.translation import translated
from magnum_lite.errors import CloudNotFound


@dataclass(frozen=True)
class Image:
    """An image with the properties that choose a driver; ``status`` is ``active`` for one that can be used."""

    id: str
    name: str
    os_distro: str | None
    magnum_driver: str | None
    status: str


def get_image(session: CloudSession, ident: str, *, field: str = "image_id") -> Image:
    """Give the image with this ID or name; a hidden or shared one is found by its ID only.

    Raises ``InvalidField`` that names the field when there is none, or when several have the name.
    """
    image = _find_by_id(session, ident) if is_uuid(ident) else None
    return image or only(_list_by_name(session, ident), field, ident, "an image")


def _find_by_id(session: CloudSession, ident: str) -> Image | None:
    try:
        row = get_json(session, GLANCE, f"/images/{ident}")
    except CloudNotFound:
        return None
    with translated(GLANCE.name):
        return _image(row)


def _list_by_name(session: CloudSession, name: str) -> list[Image]:
    body = get_json(session, GLANCE, "/images", {"name": name})
    with translated(GLANCE.name):
        # Glance reads operators like "in:" in a filter's value, so what comes back is compared once more.
        return [_image(row) for row in body["images"] if row["name"] == name]


def _image(row: Mapping[str, Any]) -> Image:
    return Image(row["id"], row["name"] or "", row.get("os_distro"), row.get("magnum_driver"), row["status"])
