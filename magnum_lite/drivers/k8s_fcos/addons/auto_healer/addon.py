# SPDX-License-Identifier: Apache-2.0
"""Magnum's auto-healer: tells our API how a cluster's nodes are, and has unhealthy ones repaired."""

from __future__ import annotations

import json
from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import CloudAccess, CloudNeeds, NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import cloud_conf, manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.model.labels import Label, boolean, choice, integer

FOLDER = Path(__file__).parent
CONFIG = "config.json"
HEALER = "magnum-auto-healer"

ENABLED = Label(
    "auto_healing_enabled",
    boolean(),
    False,
    "Repair nodes that stay unhealthy, and tell the cluster's health.",
)
CONTROLLER = Label(
    "auto_healing_controller",
    choice(HEALER),
    HEALER,
    "What repairs nodes.",
)
PATIENCE = Label(
    "auto_healing_unhealthy_seconds",
    integer(60, 86400),
    300,
    "How long a node must have been unhealthy before it is repaired, in seconds.",
)


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    cloud = cloud_conf.access(place, secrets)
    files = cloud_conf.data({CONFIG: json.dumps(config(place, cloud))}, cloud)
    values = {"files": files, "digest": cloud_conf.digest(files)}
    return nodeconf.Addon("auto_healer", manifests.load(FOLDER / "manifests", values, place))


def config(place: Place, cloud: CloudAccess) -> dict[str, object]:
    """Give its file, which it takes as JSON too."""
    values = {
        "cluster": place.cluster.uuid,
        "unhealthy": f"{place.values[PATIENCE]}s",
        "openstack": cloud_conf.openstack(cloud),
    }
    (found,) = manifests.load(FOLDER / "config", values, place)
    return found


ADDON = AddonKind(
    name="auto_healer",
    labels=(ENABLED, CONTROLLER, PATIENCE),
    images=(HEALER,),
    is_wanted=lambda setup: setup.values[ENABLED] and setup.values[CONTROLLER] == HEALER,
    needs=CloudNeeds(cloud=True),
    render=_render,
)
