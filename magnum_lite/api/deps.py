# SPDX-License-Identifier: Apache-2.0
"""What the API service is built with."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from oslo_config import cfg

from magnum_lite.api.lookups import Clouds
from magnum_lite.context import RequestContext
from magnum_lite.drivers.base import ClusterType, Driver
from magnum_lite.store.engine import Store

if TYPE_CHECKING:
    # Importing oslo.messaging costs every test of the API half a second.
    from magnum_lite.rpc.conductor import Conductor


class PolicyJudge(Protocol):
    """Decides what a requester may do."""

    def allows(self, name: str, context: RequestContext, target: Mapping[str, Any]) -> bool: ...


class Drivers(Protocol):
    """The drivers of this installation."""

    def list_(self) -> Sequence[Driver]:
        """Give every driver, ordered by name."""

    def get(self, name: str) -> Driver:
        """Give the driver of this name; raise ``NotFound``."""

    def find(self, name: str | None, cluster_type: ClusterType) -> Driver:
        """Give the driver of this name, or the one for the type; raise a ``BadRequest`` that says what there is."""


@dataclass(frozen=True)
class ApiDeps:
    """Everything a request may reach; ``clock`` gives the moment in UTC."""

    conf: cfg.ConfigOpts
    store: Store
    conductor: Conductor
    drivers: Drivers
    policy: PolicyJudge
    clouds: Clouds
    clock: Callable[[], datetime.datetime]
