# SPDX-License-Identifier: Apache-2.0
"""The bindings without which logs, exec and metrics of pods are refused; every cluster has them."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place

NAME = "rbac"
MANIFESTS = Path(__file__).parent / "manifests"


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    return nodeconf.Addon(NAME, manifests.load(MANIFESTS, {}, place))


ADDON = AddonKind(name=NAME, labels=(), images=(), is_wanted=lambda setup: True, render=_render)
