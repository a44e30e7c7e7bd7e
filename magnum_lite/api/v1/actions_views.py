# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of what can be done with a cluster."""

from __future__ import annotations

from wsme import types as wtypes

from magnum_lite.api import wire
from magnum_lite.api.fields import Integer, Text
from magnum_lite.api.v1.clusters_views import MAX_NODES


class ResizeWish(wtypes.Base):  # type: ignore[misc]
    """Another size for a nodegroup (the default workers unless named); ``nodes_to_remove`` go in any case."""

    node_count = wtypes.wsattr(Integer(0, MAX_NODES), mandatory=True)
    nodes_to_remove = wtypes.wsattr([Text()])
    nodegroup = wtypes.wsattr(Text())

    @property
    def victims(self) -> list[str]:
        return list(wire.given(self).get("nodes_to_remove", ()))

    @property
    def group(self) -> str | None:
        return wire.given(self).get("nodegroup")


class UpgradeWish(wtypes.Base):  # type: ignore[misc]
    """Another template for a cluster, or for one nodegroup; ``max_batch_size`` nodes at a time are replaced."""

    cluster_template = wtypes.wsattr(Text(), mandatory=True)
    max_batch_size = wtypes.wsattr(Integer(1, MAX_NODES))
    nodegroup = wtypes.wsattr(Text())

    @property
    def batch(self) -> int:
        return int(wire.given(self).get("max_batch_size", 1))

    @property
    def group(self) -> str | None:
        return wire.given(self).get("nodegroup")
