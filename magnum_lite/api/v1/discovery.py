# SPDX-License-Identifier: Apache-2.0
"""What there is: the discovery documents, open to everybody."""

from __future__ import annotations

from magnum_lite.api.routes import expose
from magnum_lite.api.v1.discovery_views import V1, APIVersion, Root


@expose("GET /", Root, rule=None)
def root() -> Root:
    """Tell which versions of the API there are."""
    return Root(
        name="OpenStack Magnum API",
        description="Kubernetes clusters on OpenStack.",
        versions=[APIVersion.v1()],
    )


@expose("GET /v1", V1, rule=None)
def v1() -> V1:
    """Tell which resources version 1 has, and where."""
    return V1.document()
