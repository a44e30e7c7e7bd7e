# SPDX-License-Identifier: Apache-2.0
"""What a cluster that can be built brings less than its owner might think, told when it is asked for."""

from __future__ import annotations

from magnum_lite.drivers.base import Wish
from magnum_lite.drivers.k8s_fcos import all_labels, checks, labels, left_out
from magnum_lite.drivers.k8s_fcos.addons.autoscaler.addon import ENABLED as SCALING
from magnum_lite.drivers.k8s_fcos.place import Setup
from magnum_lite.releases.catalogue import Release
from magnum_lite.releases.installed import Releases


def of(wish: Wish, releases: Releases) -> tuple[str, ...]:
    """Give a sentence for each; none for a release that is not installed, which cannot be built anyway."""
    values = all_labels.LABELS.parse(wish.labels)
    setup, release = checks.setup_of(wish, values), releases.find(values[labels.KUBE_TAG])
    found = (None if release is None else _left_out(setup, release), _unbounded(setup, wish))
    return tuple(one for one in found if one is not None)


def _left_out(setup: Setup, release: Release) -> str | None:
    """Name at once all addons that are there by default and that the release cannot give."""
    missing = left_out.left_out(setup, release)
    if not missing:
        return None
    components = list(dict.fromkeys(one for needed in missing.values() for one in needed))
    return f"the cluster has no {', '.join(sorted(missing))}: {left_out.reason(components, release)}"


def _unbounded(setup: Setup, wish: Wish) -> str | None:
    if not setup.values[SCALING] or labels.MAX_NODE_COUNT.name in wish.labels:
        return None
    bound = labels.MAX_NODE_COUNT.name
    return f"the autoscaler leaves the default workers alone: no label {bound} says how many it may make"
