# SPDX-License-Identifier: Apache-2.0
"""The storage classes of a cluster: one that leaves the volume type to Cinder, and one for each volume type."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.place import Place

MANIFESTS = Path(__file__).parent / "classes"
OWN = "cinder"
# Cinder's stand-in for a default that nobody chose: the class without a type means just that.
NO_TYPE = "__DEFAULT__"
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
MOST = 100


def render(place: Place, types: Sequence[str], *, default: str, fstype: str) -> tuple[dict[str, Any], ...]:
    """Give the classes, of which exactly one is the cluster's default.

    That of Cinder's own choice is always there, so that a cluster has a default before a volume type is known.
    """
    wanted = dict.fromkeys([*([default] if default else []), *types])
    named = [name for name in wanted if name != NO_TYPE][:MOST]
    filesystem = {"csi.storage.k8s.io/fstype": fstype}
    known: list[tuple[str, dict[str, str], bool]] = [(OWN, filesystem, not default)]
    known += [(class_name(name), {**filesystem, "type": name}, name == default) for name in named]
    return tuple(
        one
        for name, parameters, is_default in known
        for one in manifests.load(
            MANIFESTS,
            {"name": name, "parameters": parameters, "is_default": "true" if is_default else "false"},
            place,
        )
    )


def class_name(volume_type: str) -> str:
    """Give the name of a volume type's class: its own where Kubernetes takes it, else one like it with a digest."""
    if NAME.fullmatch(volume_type) and volume_type != OWN:
        return volume_type
    like = re.sub(r"[^a-z0-9]+", "-", volume_type.lower()).strip("-")[:40].strip("-")
    digest = hashlib.sha256(volume_type.encode()).hexdigest()[:8]
    return f"{like}-{digest}" if like else f"type-{digest}"
