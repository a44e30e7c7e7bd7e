# SPDX-License-Identifier: Apache-2.0
"""The Secret by which the cluster's addons reach the cloud, as the cluster's own user."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import cinder_csi, cloud_conf, cloud_controller, manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place, Setup

MANIFESTS = Path(__file__).parent / "manifests"

# Whose pods mount it; every other addon has a file of its own.
USERS = (cloud_controller.ADDON, cinder_csi.ADDON)


def _is_wanted(setup: Setup) -> bool:
    return any(kind.is_wanted(setup) for kind in USERS)


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    """Write the credentials down only where something that runs needs them."""
    if not any(kind.is_wanted(place.setup) and not kind.missing(place.release) for kind in USERS):
        return nodeconf.Addon("cloud_config")
    files = cloud_conf.shared(place, secrets)
    return nodeconf.Addon("cloud_config", manifests.load(MANIFESTS, {"files": files}, place))


ADDON = AddonKind(name="cloud_config", labels=(), images=(), is_wanted=_is_wanted, render=_render)
