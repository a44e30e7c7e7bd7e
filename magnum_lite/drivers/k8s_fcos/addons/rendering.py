# SPDX-License-Identifier: Apache-2.0
"""Which addons a cluster has, and what they consist of."""

from __future__ import annotations

from collections.abc import Mapping

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.releases.catalogue import Release


def render_addons(place: Place, secrets: NodeSecrets) -> tuple[nodeconf.Addon, ...]:
    """Give the addons that are wanted and that the release pins, in the order in which they are applied."""
    return tuple(
        kind.render(place, secrets)
        for kind in ADDONS
        if kind.is_wanted(place.setup) and not kind.missing(place.release)
    )


def left_out(setup: Setup, release: Release) -> Mapping[str, tuple[str, ...]]:
    """Give, by the name of each addon that is wanted, the components for want of which the release keeps it out."""
    wanted = (kind for kind in ADDONS if kind.is_wanted(setup))
    return {kind.name: missing for kind in wanted if (missing := kind.missing(release))}
