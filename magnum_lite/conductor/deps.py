# SPDX-License-Identifier: Apache-2.0
"""What a conductor is built with."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from oslo_config import cfg

from magnum_lite.certs.vaults import Vault
from magnum_lite.clouds.keystone import User
from magnum_lite.drivers.base import CloudAccess, CloudNetworks, Driver, Material, Stacks, Strays
from magnum_lite.model import Cluster
from magnum_lite.store.engine import Store


class Clouds(Protocol):
    """What the steps need of OpenStack; every method raises children of ``CloudError``."""

    def ensure_user(self, name: str, password: str) -> User:
        """Make the user of this name in the clusters' domain, with this password."""

    def has_trust(self, trust_id: str) -> bool:
        """Say whether a trust still stands."""

    def grant(self, user_id: str, project_id: str, roles: Sequence[str]) -> None:
        """Give a user these roles on a project; those it has already stay."""

    def has_project(self, project_id: str) -> bool:
        """Say whether a project is still there."""

    def remove_user(self, name: str) -> None:
        """Make the user of this name, and with it its roles, gone."""

    def stacks(self, cluster: Cluster, password: str) -> Stacks:
        """Give the stacks in the cluster's project, as the cluster's user sees them."""

    def remove_strays(self, cluster: Cluster, password: str, strays: Strays) -> list[str]:
        """Ask for what Heat has made and forgotten to go; say what there was."""

    def material(self, cluster: Cluster, password: str, node_tokens: dict[str, str]) -> Material:
        """Look up what a cluster's rows name; raises ``BadRequest`` children for what is not there."""

    def access(self, cluster: Cluster, password: str) -> CloudAccess:
        """Say how a cluster reaches its cloud; the cloud is not asked each time."""

    def networks(self, cluster: Cluster, password: str) -> CloudNetworks:
        """Say where a cluster's load balancers are, as far as the cloud tells or told; it is rarely asked."""

    def volume_types(self, cluster: Cluster, password: str) -> tuple[str, ...]:
        """Give the names of the public volume types, those last known while Cinder is away; it is rarely asked."""

    def forget(self, cluster_uuid: str) -> None:
        """Drop whatever is kept in memory for a cluster."""


class Drivers(Protocol):
    """The drivers by their names."""

    def get(self, name: str) -> Driver:
        """Give the driver of this name; raise ``NotFound``."""


@dataclass(frozen=True)
class ConductorDeps:
    """``owner`` names this process in reservations; ``now`` gives the time in UTC."""

    conf: cfg.ConfigOpts
    store: Store
    vault: Vault
    clouds: Clouds
    drivers: Drivers
    owner: str
    now: Callable[[], datetime.datetime]
