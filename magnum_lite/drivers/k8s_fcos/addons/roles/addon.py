# SPDX-License-Identifier: Apache-2.0
"""The roles k8s_admin, k8s_developer and k8s_viewer, bound to the groups of the same names."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place

MANIFESTS = Path(__file__).parent / "manifests"

ADMIN = "k8s_admin"
DEVELOPER = "k8s_developer"
VIEWER = "k8s_viewer"
# What is an administrator's alone.
ADMIN_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    values = {"admin_namespaces": list(ADMIN_NAMESPACES)}
    return nodeconf.Addon("roles", manifests.load(MANIFESTS, values, place))


ADDON = AddonKind(name="roles", labels=(), images=(), is_wanted=lambda setup: True, render=_render)
