# SPDX-License-Identifier: Apache-2.0
"""Cinder's CSI driver: volumes of the cloud for pods."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import CloudNeeds, NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import cloud_conf, manifests
from magnum_lite.drivers.k8s_fcos.addons.cinder_csi import storage_classes
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.model.labels import Label, boolean, choice, volume_type

MANIFESTS = Path(__file__).parent / "manifests"
MOST_CONTROLLERS = 2

ENABLED = Label(
    "cinder_csi_enabled",
    boolean(),
    True,
    "Run Cinder's CSI driver, where the template's volume_driver is cinder.",
)
DEFAULT_TYPE = Label(
    "cinder_csi_default_volume_type",
    volume_type(),
    "",
    "The volume type of volumes that name no storage class; empty: Cinder's own default.",
)
FILE_SYSTEM = Label(
    "cinder_csi_fstype",
    choice("ext4", "xfs"),
    "ext4",
    "The file system of new volumes.",
)
TOPOLOGY = Label(
    "cinder_csi_topology_enabled",
    boolean(),
    True,
    "Make volumes in the availability zone of the server; for clouds where Cinder has the zones of Nova.",
)


def is_wanted(setup: Setup) -> bool:
    return setup.values[ENABLED] and setup.volume_driver == "cinder"


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    values = {
        "cluster": place.cluster.uuid,
        "digest": cloud_conf.digest(cloud_conf.shared(place, secrets)),
        "fstype": place.values[FILE_SYSTEM],
        "topology": place.values[TOPOLOGY],
        "controllers": min(len(place.cluster.masters), MOST_CONTROLLERS),
        "node_conf": cloud_conf.render({"BlockStorage": {"rescan-on-resize": True}}),
    }
    classes = storage_classes.render(
        place, secrets.volume_types, default=place.values[DEFAULT_TYPE], fstype=place.values[FILE_SYSTEM]
    )
    return nodeconf.Addon("cinder_csi", (*manifests.load(MANIFESTS, values, place), *classes))


ADDON = AddonKind(
    name="cinder_csi",
    labels=(ENABLED, DEFAULT_TYPE, FILE_SYSTEM, TOPOLOGY),
    images=(
        "cinder-csi-plugin",
        "csi-attacher",
        "csi-provisioner",
        "csi-resizer",
        "csi-node-driver-registrar",
        "csi-livenessprobe",
    ),
    is_wanted=is_wanted,
    # It shares a Secret that tells where load balancers are.
    needs=CloudNeeds(cloud=True, networks=True, volume_types=True),
    render=_render,
)
