# SPDX-License-Identifier: Apache-2.0
"""Cinder: volume types that requests name."""

from __future__ import annotations

from dataclasses import dataclass

from magnum_lite.clouds.naming import only
from magnum_lite.clouds.session import CINDER, CloudSession, get_json
from magnum_lite.clouds.translation import translated


@dataclass(frozen=True)
class VolumeType:
    """A kind of volumes."""

    id: str
    name: str


def get_volume_type(session: CloudSession, ident: str, *, field: str) -> VolumeType:
    """Give the volume type with this ID or name, from the one list of them that Cinder has.

    Raises ``InvalidField`` that names the field (a label) when there is none.
    """
    body = get_json(session, CINDER, "/types")
    with translated(CINDER.name):
        types = [VolumeType(row["id"], row["name"]) for row in body["volume_types"]]
    found = [kind for kind in types if kind.id == ident] or [kind for kind in types if kind.name == ident]
    return only(found, field, ident, "a volume type")
