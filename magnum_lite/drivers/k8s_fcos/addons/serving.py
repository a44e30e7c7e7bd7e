# SPDX-License-Identifier: Apache-2.0
"""The certificates that addons serve with, signed for each node by the cluster's own authority."""

from __future__ import annotations

from magnum_lite.drivers.k8s_fcos.addons import rendering
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.nodeconf import CertificateRequest


def requests(place: Place) -> tuple[CertificateRequest, ...]:
    """Give what this node may have for the addons of its cluster; raise ``DocumentNotReady`` as they do."""
    return tuple(request for kind in rendering.of_cluster(place) for request in kind.certificates(place.node))
