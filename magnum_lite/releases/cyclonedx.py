# SPDX-License-Identifier: Apache-2.0
"""A release as a bill of materials of CycloneDX 1.5."""

from __future__ import annotations

import datetime

from magnum_lite.releases.catalogue import Release
from magnum_lite.releases.inventory import TOOL, Part, PartKind, parts, serial

RELEASE = "release"
TYPES = {PartKind.IMAGE: "container", PartKind.BINARY: "application", PartKind.MANIFEST: "file"}


def document(release: Release, created: datetime.datetime) -> dict[str, object]:
    """Give the JSON of a document whose main component is the release, which depends on all of its parts."""
    found = list(parts(release))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial(release)}",
        "version": 1,
        "metadata": {
            "timestamp": created.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tools": {"components": [{"type": "application", "name": TOOL}]},
            "component": {
                "type": "platform",
                "bom-ref": RELEASE,
                "name": "kubernetes-release",
                "version": release.tag,
            },
        },
        "components": [_component(part) for part in found],
        "dependencies": [{"ref": RELEASE, "dependsOn": [part.ident for part in found]}],
    }


def _component(part: Part) -> dict[str, object]:
    where = {"externalReferences": [{"type": "distribution", "url": part.url}]} if part.url else {}
    return {
        "type": TYPES[part.kind],
        "bom-ref": part.ident,
        "name": part.name,
        "version": part.version,
        "hashes": [{"alg": "SHA-256", "content": part.sha256}],
        "purl": part.purl,
        **where,
    }
