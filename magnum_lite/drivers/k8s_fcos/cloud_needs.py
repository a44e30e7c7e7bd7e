# SPDX-License-Identifier: Apache-2.0
"""What of the cloud a node's document tells: the first master's alone, and only what an addon of it needs."""

from __future__ import annotations

from magnum_lite.drivers.base import CloudNeeds
from magnum_lite.drivers.k8s_fcos import certificates
from magnum_lite.drivers.k8s_fcos.addons import rendering
from magnum_lite.drivers.k8s_fcos.place import Place


def of(place: Place) -> CloudNeeds:
    """Say what this node's document needs to know."""
    if not certificates.is_first(place):
        return CloudNeeds()
    needs = [kind.needs for kind in rendering.of_cluster(place)]
    return CloudNeeds(
        cloud=any(one.cloud for one in needs),
        networks=any(one.networks for one in needs),
        volume_types=any(one.volume_types for one in needs),
    )
