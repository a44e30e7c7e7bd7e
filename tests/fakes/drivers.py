# SPDX-License-Identifier: Apache-2.0
"""A driver that only judges wishes, and the registry that finds it."""

from __future__ import annotations

from collections.abc import Mapping

from magnum_lite.drivers.base import ClusterType, Feature, Wish
from magnum_lite.errors import InvalidField, NotFound
from magnum_lite.model import Cluster, Nodegroup
from magnum_lite.model.labels import Label, boolean, declare, string, volume_type

MOST_NODES = 500
KUBE_TAG = Label("kube_tag", string("a release", r"v[0-9.]+"), "v1.35.4", "The release.")
BOOT_VOLUME_TYPE = Label("boot_volume_type", volume_type(), "", "The volume type of boot volumes.")
AUTO_HEALING = Label("auto_healing_enabled", boolean(), False, "Whether nodes are healed.")


class JudgingDriver:
    """A driver that can do everything; ``features`` may be cut down, and ``said`` is what it remarks."""

    name = "k8s_fcos"
    features = frozenset(Feature)
    cluster_types = (ClusterType("vm", "fedora-coreos", "kubernetes"),)
    choices: Mapping[str, tuple[str, ...]] = {"network_driver": ("calico", "flannel"), "volume_driver": ("cinder",)}
    labels = declare(KUBE_TAG, AUTO_HEALING, BOOT_VOLUME_TYPE)

    said: tuple[str, ...] = ()

    def remarks(self, wish: Wish) -> tuple[str, ...]:
        return self.said

    def release_for(self, given: Mapping[str, str]) -> str | None:
        return self.labels.parse(given)[KUBE_TAG]

    def check_size(self, cluster: Cluster, group: Nodegroup, count: int) -> None:
        if count > MOST_NODES:
            raise InvalidField("node_count", count, f"it takes at most {MOST_NODES}")

    def check(self, wish: Wish) -> None:
        if wish.master_count % 2 == 0:
            raise InvalidField("master_count", wish.master_count, "it takes an odd number")
        if wish.master_count > 1 and not wish.master_lb_enabled:
            raise InvalidField("master_count", wish.master_count, "several masters need master_lb_enabled")
        if 0 in wish.root_disks:
            raise InvalidField("flavor_id", "a root disk of 0 GiB", "a flavor must have a root disk")


class FakeDrivers:
    def __init__(self) -> None:
        self.driver = JudgingDriver()

    def list_(self) -> list[JudgingDriver]:
        return [self.driver]

    def get(self, name: str) -> JudgingDriver:
        if name != self.driver.name:
            raise NotFound("Driver", name)
        return self.driver

    def find(self, name: str | None, cluster_type: ClusterType) -> JudgingDriver:
        if name not in (None, self.driver.name):
            raise InvalidField("driver", name, f"it takes {self.driver.name}")
        if cluster_type not in self.driver.cluster_types:
            raise InvalidField("image_id", cluster_type.os_distro, "no driver builds clusters from such an image")
        return self.driver
