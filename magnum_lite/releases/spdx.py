# SPDX-License-Identifier: Apache-2.0
"""A release as a bill of materials of SPDX 2.3."""

from __future__ import annotations

import datetime

from magnum_lite.releases.catalogue import Release
from magnum_lite.releases.inventory import TOOL, Part, PartKind, parts, serial

DOCUMENT = "SPDXRef-DOCUMENT"
RELEASE = "SPDXRef-release"
UNKNOWN = "NOASSERTION"
PURPOSES = {PartKind.IMAGE: "CONTAINER", PartKind.BINARY: "APPLICATION", PartKind.MANIFEST: "FILE"}


def document(release: Release, created: datetime.datetime) -> dict[str, object]:
    """Give the JSON of a document that describes the release and what it contains."""
    found = list(parts(release))
    top = {
        "name": "kubernetes-release",
        "SPDXID": RELEASE,
        "versionInfo": release.tag,
        "primaryPackagePurpose": "INSTALL",
        **_unsaid(""),
    }
    contains = [_relation(RELEASE, "CONTAINS", _ident(part)) for part in found]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": f"magnum-lite-release-{release.tag}",
        "documentNamespace": f"https://spdx.org/spdxdocs/magnum-lite-release-{release.tag}-{serial(release)}",
        "creationInfo": {
            "created": created.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: {TOOL}"],
        },
        "packages": [top, *map(_package, found)],
        "relationships": [_relation(DOCUMENT, "DESCRIBES", RELEASE), *contains],
    }


def _package(part: Part) -> dict[str, object]:
    reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": part.purl}
    return {
        "name": part.name,
        "SPDXID": _ident(part),
        "versionInfo": part.version or UNKNOWN,
        "primaryPackagePurpose": PURPOSES[part.kind],
        "checksums": [{"algorithm": "SHA256", "checksumValue": part.sha256}],
        "externalRefs": [reference],
        **_unsaid(part.url),
    }


def _unsaid(url: str) -> dict[str, object]:
    """Give the fields that every package must have, and about most of which we know nothing."""
    return {
        "downloadLocation": url or UNKNOWN,
        "filesAnalyzed": False,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": UNKNOWN,
        "copyrightText": UNKNOWN,
    }


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def _ident(part: Part) -> str:
    return f"SPDXRef-{part.ident}"
