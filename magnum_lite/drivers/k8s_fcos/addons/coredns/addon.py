# SPDX-License-Identifier: Apache-2.0
"""What CoreDNS consists of: two copies behind the address that every kubelet tells its pods."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos import addresses
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place

NAME = "coredns"
MANIFESTS = Path(__file__).parent / "manifests"


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    values = {"address": addresses.dns_service(place.values)}
    return nodeconf.Addon(NAME, manifests.load(MANIFESTS, values, place))


ADDON = AddonKind(name=NAME, labels=(), images=("coredns",), is_wanted=lambda setup: True, render=_render)
