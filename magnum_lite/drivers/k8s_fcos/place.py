# SPDX-License-Identifier: Apache-2.0
"""The node that something is made for, with all that decides what it looks like."""

from __future__ import annotations

from dataclasses import dataclass

from magnum_lite.drivers.k8s_fcos import labels
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import LabelValues
from magnum_lite.model.node import Node
from magnum_lite.nodeconf import Source
from magnum_lite.releases.catalogue import Binary, Release


@dataclass(frozen=True)
class Setup:
    """What a cluster's request says of what runs in it; the drivers are those of its template."""

    values: LabelValues
    network_driver: str = "calico"
    volume_driver: str | None = None


def setup_of(cluster: Cluster, values: LabelValues) -> Setup:
    """Give a cluster's setup; Calico is the network driver of one whose row names none."""
    return Setup(values, cluster.network_driver or "calico", cluster.volume_driver)


@dataclass(frozen=True)
class Place:
    """The node that parts are made for, and the release they come from."""

    cluster: Cluster
    node: Node
    values: LabelValues
    release: Release

    @property
    def setup(self) -> Setup:
        return setup_of(self.cluster, self.values)

    def image(self, component: str) -> str:
        return self.release.image(component, self.values[labels.CONTAINER_INFRA_PREFIX])

    def source(self, download: Binary) -> Source:
        """Give where the cluster's nodes download something from: its own place, or a mirror."""
        return Source(download.url_at(self.values[labels.DOWNLOAD_PREFIX]), download.sha256)
