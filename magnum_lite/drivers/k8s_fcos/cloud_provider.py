# SPDX-License-Identifier: Apache-2.0
"""Whether the cloud has a controller of its own in the cluster, for which kubelets and others leave work."""

from magnum_lite.drivers.k8s_fcos.addons import rendering
from magnum_lite.drivers.k8s_fcos.place import Place

ADDON = "cloud_controller"
EXTERNAL = "external"


def name(place: Place) -> str:
    """Give the value of ``--cloud-provider``: nodes of an external one wait for it, so it must be sure to come."""
    return EXTERNAL if rendering.has(place, ADDON) else ""
