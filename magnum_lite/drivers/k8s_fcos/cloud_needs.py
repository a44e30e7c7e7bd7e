# SPDX-License-Identifier: Apache-2.0
"""What of the cloud a node's document tells: the first master's alone, and only what an addon of it needs."""

from __future__ import annotations

from magnum_lite.drivers.base import CloudNeeds
from magnum_lite.drivers.k8s_fcos import certificates
from magnum_lite.drivers.k8s_fcos.addons import (
    auto_healer,
    autoscaler,
    cinder_csi,
    cloud_controller,
    keystone_auth,
    octavia_ingress,
    rendering,
)
from magnum_lite.drivers.k8s_fcos.place import Place

# The first two share a Secret that tells where load balancers are.
PLACED = {cloud_controller.ADDON.name, cinder_csi.ADDON.name, octavia_ingress.ADDON.name}
KNOWING = PLACED | {auto_healer.ADDON.name, autoscaler.ADDON.name, keystone_auth.ADDON.name}


def of(place: Place) -> CloudNeeds:
    """Say what this node's document needs to know."""
    if not certificates.is_first(place):
        return CloudNeeds()
    running = {kind.name for kind in rendering.of_cluster(place)}
    return CloudNeeds(
        cloud=bool(running & KNOWING),
        networks=bool(running & PLACED),
        volume_types=cinder_csi.ADDON.name in running,
    )
