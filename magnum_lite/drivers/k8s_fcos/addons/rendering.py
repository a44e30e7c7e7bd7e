# SPDX-License-Identifier: Apache-2.0
"""Which addons a cluster has."""

from __future__ import annotations

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place


def render_addons(place: Place, secrets: NodeSecrets) -> tuple[nodeconf.Addon, ...]:
    """Give the addons that are wanted and that the release pins, in the order in which they are applied."""
    return tuple(kind.render(place, secrets) for kind in of_cluster(place))


def of_cluster(place: Place) -> tuple[AddonKind, ...]:
    """Give the kinds of addons that are wanted and that the release pins, in the order in which they are applied."""
    return tuple(kind for kind in ADDONS if kind.is_wanted(place.setup) and not kind.missing(place.release))


def has(place: Place, name: str) -> bool:
    """Tell whether a cluster has the addon of this name."""
    return any(kind.name == name for kind in of_cluster(place))
