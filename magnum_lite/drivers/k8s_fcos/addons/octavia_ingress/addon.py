# SPDX-License-Identifier: Apache-2.0
"""The Octavia ingress controller: an Ingress becomes a load balancer of the cloud."""

from __future__ import annotations

import json
from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import CloudAccess, CloudNeeds, CloudNetworks, NodeSecrets
from magnum_lite.drivers.k8s_fcos import labels
from magnum_lite.drivers.k8s_fcos.addons import cloud_conf, manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import DocumentNotReady
from magnum_lite.model.labels import Label, string

MANIFESTS = Path(__file__).parent / "manifests"
CONFIG = "config.json"
OCTAVIA = "octavia"

CONTROLLER = Label(
    "ingress_controller",
    string(f"{OCTAVIA}, or nothing", f"(?i:{OCTAVIA})?"),
    "",
    "What makes Ingresses reachable; empty: nothing that comes with the cluster.",
)


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    cloud = cloud_conf.access(place, secrets)
    files = cloud_conf.data({CONFIG: json.dumps(config(place, cloud, secrets.networks))}, cloud)
    values = {"files": files, "digest": cloud_conf.digest(files)}
    return nodeconf.Addon("octavia_ingress", manifests.load(MANIFESTS, values, place))


def config(place: Place, cloud: CloudAccess, networks: CloudNetworks) -> dict[str, object]:
    """Give its file, which it takes as JSON too; raise ``DocumentNotReady`` while the nodes' subnet is not known."""
    if networks.subnet is None:
        raise DocumentNotReady(f"the subnet of cluster {place.cluster.name} is not known yet")
    wanted = {
        "subnet-id": networks.subnet,
        "floating-network-id": networks.external,
        "provider": place.values[labels.OCTAVIA_PROVIDER],
        # Without it nothing lets a load balancer reach the workers.
        "manage-security-groups": True,
    }
    return {
        "cluster-name": place.cluster.uuid,
        "openstack": cloud_conf.openstack(cloud),
        "octavia": {name: value for name, value in wanted.items() if value},
    }


ADDON = AddonKind(
    name="octavia_ingress",
    labels=(CONTROLLER,),
    images=("octavia-ingress-controller",),
    is_wanted=lambda setup: bool(setup.values[CONTROLLER]),
    needs=CloudNeeds(cloud=True, networks=True),
    render=_render,
)
