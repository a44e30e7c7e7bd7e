# SPDX-License-Identifier: Apache-2.0
"""What flannel consists of; Kubernetes itself gives each node its part of the pods' addresses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import manifests, settings
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.model.labels import Label, choice, cidr, integer

NAME = "flannel"
VXLAN_PORT = 8472
FOLDER = Path(__file__).parent

NETWORK_CIDR = Label("flannel_network_cidr", cidr(8, 24), "10.100.0.0/16", "The addresses of pods with flannel.")
NODE_PREFIX = Label(
    "flannel_network_subnetlen", integer(16, 28), 24, "The length of the prefix of each node's part of them."
)
BACKEND = Label(
    "flannel_backend",
    choice("vxlan", "host-gw"),
    "vxlan",
    "How packets go from node to node: put into VXLAN, or plainly routed.",
)


def _is_wanted(setup: Setup) -> bool:
    return setup.network_driver == NAME


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    network = {"Network": place.values[NETWORK_CIDR], "Backend": _backend(place.values[BACKEND])}
    files = {
        "cni-conf.json": settings.as_file(settings.read(FOLDER / "plugins.yaml")),
        "net-conf.json": settings.as_file(network),
    }
    values = {"files": files, "fingerprint": settings.fingerprint(files)}
    return nodeconf.Addon(NAME, manifests.load(FOLDER / "manifests", values, place))


def _backend(name: str) -> Mapping[str, object]:
    return {"Type": name, "Port": VXLAN_PORT} if name == "vxlan" else {"Type": name}


ADDON = AddonKind(
    name=NAME,
    labels=(NETWORK_CIDR, NODE_PREFIX, BACKEND),
    images=("flannel", "flannel-cni-plugin"),
    is_wanted=_is_wanted,
    render=_render,
)
