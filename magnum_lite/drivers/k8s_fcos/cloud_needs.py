# SPDX-License-Identifier: Apache-2.0
"""What of the cloud a node's document tells: the first master's alone, and only what an addon of it needs."""

from __future__ import annotations

from magnum_lite.drivers.base import CloudNeeds
from magnum_lite.drivers.k8s_fcos.addons import (
    auto_healer,
    autoscaler,
    cinder_csi,
    cloud_controller,
    keystone_auth,
    octavia_ingress,
)
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place

# The first two share a Secret that tells where load balancers are.
PLACED = (cloud_controller.ADDON, cinder_csi.ADDON, octavia_ingress.ADDON)
KNOWING = (*PLACED, auto_healer.ADDON, autoscaler.ADDON, keystone_auth.ADDON)


def of(place: Place) -> CloudNeeds:
    """Say what this node's document needs to know."""
    if place.node is not place.cluster.masters[0]:
        return CloudNeeds()
    return CloudNeeds(
        cloud=any(_runs(kind, place) for kind in KNOWING),
        networks=any(_runs(kind, place) for kind in PLACED),
        volume_types=_runs(cinder_csi.ADDON, place),
    )


def _runs(kind: AddonKind, place: Place) -> bool:
    return kind.is_wanted(place.setup) and not kind.missing(place.release)
