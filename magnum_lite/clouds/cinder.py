# SPDX-License-Identifier: Apache-2.0
"""Cinder: volume types, those that requests name and those that everybody may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from magnum_lite.clouds.naming import only
from magnum_lite.clouds.session import CINDER, CloudSession, get_json
from magnum_lite.clouds.translation import translated


@dataclass(frozen=True)
class VolumeType:
    """A kind of volumes."""

    id: str
    name: str
    is_public: bool = True


def get_volume_type(session: CloudSession, ident: str, *, field: str) -> VolumeType:
    """Give the volume type with this ID or name, from the one list of them that Cinder has.

    Raises ``InvalidField`` that names the field (a label) when there is none.
    """
    types = list_volume_types(session)
    found = [kind for kind in types if kind.id == ident] or [kind for kind in types if kind.name == ident]
    return only(found, field, ident, "a volume type")


def list_volume_types(session: CloudSession, *, most_seconds: float | None = None) -> list[VolumeType]:
    """Give the volume types that the session's project may use, in Cinder's order."""
    body = get_json(session, CINDER, "/types", most_seconds=most_seconds)
    with translated(CINDER.name):
        return [VolumeType(row["id"], row["name"], _is_public(row)) for row in body["volume_types"]]


def has_encryption(session: CloudSession, kind: VolumeType) -> bool:
    """Tell whether volumes of a type are encrypted; Cinder tells administrators alone."""
    return bool(get_json(session, CINDER, f"/types/{kind.id}/encryption").get("provider"))


def _is_public(row: dict[str, Any]) -> bool:
    """Older Cinders have one of the names alone."""
    return bool(row.get("is_public", row.get("os-volume-type-access:is_public", True)))
