# SPDX-License-Identifier: Apache-2.0
"""The cluster autoscaler: asks our API for workers when pods find no room, and gives them back."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import CloudNeeds, NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import cloud_conf, manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import Label, boolean, integer
from magnum_lite.model.nodegroup import MASTER

MANIFESTS = Path(__file__).parent / "manifests"

ENABLED = Label(
    "auto_scaling_enabled",
    boolean(),
    False,
    "Scale nodegroups of workers that have a max_node_count, within their bounds.",
)
SCALE_DOWN = Label(
    "auto_scaling_down_enabled",
    boolean(),
    True,
    "Give back workers that are not needed, and not only ask for more.",
)
UNNEEDED = Label(
    "auto_scaling_unneeded_minutes",
    integer(1, 1440),
    10,
    "How long a worker must have been of no need before it is given back, in minutes.",
)


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    cloud = cloud_conf.access(place, secrets)
    # It refuses a file with anything that it does not know, so that it has one of its own.
    files = cloud_conf.data({cloud_conf.FILE: cloud_conf.render({"Global": cloud_conf.login(cloud)})}, cloud)
    values = {
        "cluster": place.cluster.uuid,
        "roles": ",".join(roles(place.cluster)),
        "scale_down": place.values[SCALE_DOWN],
        "unneeded": place.values[UNNEEDED],
        "files": files,
        "digest": cloud_conf.digest(files),
    }
    return nodeconf.Addon("autoscaler", manifests.load(MANIFESTS, values, place))


def roles(cluster: Cluster) -> list[str]:
    """Give the roles of the cluster's nodegroups but the masters', by which the autoscaler finds them."""
    return sorted({group.role for group in cluster.nodegroups if group.role != MASTER})


ADDON = AddonKind(
    name="autoscaler",
    labels=(ENABLED, SCALE_DOWN, UNNEEDED),
    images=("cluster-autoscaler",),
    is_wanted=lambda setup: setup.values[ENABLED],
    needs=CloudNeeds(cloud=True),
    render=_render,
)
