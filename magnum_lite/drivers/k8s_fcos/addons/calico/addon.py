# SPDX-License-Identifier: Apache-2.0
"""How Calico's own manifest is adjusted to a cluster: pool, block size, encapsulation, images."""

from __future__ import annotations

from collections.abc import Mapping

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos import labels
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.model.labels import Label, choice

NAME = "calico"
# One block is a node's own; Calico's size of a block is the length of its prefix.
BLOCK_PREFIX = 24
OFF = "Never"

IPIP = Label(
    "calico_ipv4pool_ipip",
    choice("Off", "Never", "Always", "CrossSubnet"),
    "Off",
    "Whether packets between pods of two nodes are put into packets of IP between the nodes.",
)
VXLAN = Label(
    "calico_ipv4pool_vxlan",
    choice("Never", "Always", "CrossSubnet"),
    OFF,
    "Whether packets between pods of two nodes are put into packets of VXLAN between the nodes.",
)

# Component of a release by the name that the manifest gives its image.
IMAGES = {
    "quay.io/calico/node": "calico-node",
    "quay.io/calico/cni": "calico-cni",
    "quay.io/calico/kube-controllers": "calico-kube-controllers",
}
MANIFEST = "calico"


def ipip(setup: Setup) -> str:
    """Give Calico's own word: Magnum's ``Off`` is its ``Never``."""
    given = setup.values[IPIP]
    return OFF if given == "Off" else given


def _is_wanted(setup: Setup) -> bool:
    return setup.network_driver == NAME


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    manifest = place.release.manifests[MANIFEST]
    upstream = nodeconf.Upstream(
        place.source(manifest),
        images={name: place.image(component) for name, component in IMAGES.items()},
        environment={"calico-node": _environment(place)},
    )
    return nodeconf.Addon(NAME, upstream=(upstream,))


def _environment(place: Place) -> Mapping[str, str]:
    """Give the variables of the program on each node; the pool is made of them when the first node comes up."""
    return {
        "CALICO_IPV4POOL_CIDR": place.values[labels.CALICO_IPV4POOL],
        "CALICO_IPV4POOL_BLOCK_SIZE": str(BLOCK_PREFIX),
        "CALICO_IPV4POOL_IPIP": ipip(place.setup),
        "CALICO_IPV4POOL_VXLAN": place.values[VXLAN],
        "CLUSTER_TYPE": "k8s,bgp",
        # The kubelet is told the address on the cluster's own network; the first interface may be another one.
        "IP_AUTODETECTION_METHOD": "kubernetes-internal-ip",
        # Nothing tells its makers of this cluster.
        "FELIX_USAGEREPORTINGENABLED": "false",
    }


ADDON = AddonKind(
    name=NAME,
    labels=(IPIP, VXLAN),
    images=tuple(IMAGES.values()),
    is_wanted=_is_wanted,
    render=_render,
    manifests=(MANIFEST,),
)
