# SPDX-License-Identifier: Apache-2.0
"""The discovery documents."""

from __future__ import annotations

from typing import Self

from wsme import types as wtypes

from magnum_lite.api import current
from magnum_lite.api.v1.link_views import Link
from magnum_lite.api.versions import MAXIMUM, MINIMUM

# Where each resource lies below /v1/.
RESOURCES = {
    "certificates": "certificates/",
    "clusters": "clusters/",
    "clustertemplates": "clustertemplates/",
    "credentials": "credentials/",
    "labels": "labels/",
    "mservices": "mservices/",
    "nodegroups": "clusters/{cluster_id}/nodegroups/",
    "quotas": "quotas/",
    "stats": "stats/",
}


class APIVersion(wtypes.Base):  # type: ignore[misc]
    """One major version and its microversions."""

    id = str
    links = [Link]
    status = str
    max_version = str
    min_version = str

    @classmethod
    def v1(cls) -> Self:
        link = Link(href=f"{current.application_url()}/v1/", rel="self")
        return cls(id="v1", links=[link], status="CURRENT", max_version=str(MAXIMUM), min_version=str(MINIMUM))


class Root(wtypes.Base):  # type: ignore[misc]
    """The unversioned document."""

    name = str
    description = str
    versions = [APIVersion]


class MediaType(wtypes.Base):  # type: ignore[misc]
    base = str
    type = str


class V1(wtypes.Base):  # type: ignore[misc]
    """The document of version 1: which resources there are."""

    id = str
    status = str
    max_version = str
    min_version = str
    media_types = [MediaType]
    links = [Link]
    certificates = [Link]
    clusters = [Link]
    clustertemplates = [Link]
    credentials = [Link]
    labels = [Link]
    mservices = [Link]
    nodegroups = [Link]
    quotas = [Link]
    stats = [Link]

    @classmethod
    def document(cls) -> Self:
        own = APIVersion.v1()
        media = MediaType(base="application/json", type="application/vnd.openstack.magnum.v1+json")
        resources = {name: Link.to_self(path) for name, path in RESOURCES.items()}
        return cls(
            id=own.id,
            status=own.status,
            max_version=own.max_version,
            min_version=own.min_version,
            media_types=[media],
            links=own.links,
            **resources,
        )
