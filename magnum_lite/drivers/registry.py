# SPDX-License-Identifier: Apache-2.0
"""Which drivers this installation has."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Self

from oslo_config import cfg
from stevedore.enabled import EnabledExtensionManager

from magnum_lite.drivers.base import ClusterType, Driver
from magnum_lite.errors import ConfigurationError, InvalidField, NotFound

NAMESPACE = "magnum_lite.drivers"
LOG = logging.getLogger(__name__)


class Registry:
    """Drivers by name and by what they build; made once per process."""

    def __init__(self, drivers: Mapping[str, Driver], *, default: str | None = None) -> None:
        self._drivers = dict(sorted(drivers.items()))
        self._default = default

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts) -> Self:
        """Load every installed driver that ``[drivers] disabled`` does not name, each made with the configuration.

        Raises ``ConfigurationError`` when none is left or the default is not among them.
        """
        extensions: EnabledExtensionManager[Driver] = EnabledExtensionManager(
            namespace=NAMESPACE,
            check_func=lambda extension: extension.name not in conf.drivers.disabled,
            invoke_on_load=True,
            invoke_args=(conf,),
            on_load_failure_callback=_could_not_be_loaded,
        )
        loaded = [extension.obj for extension in extensions if extension.obj is not None]
        found = {driver.name: driver for driver in loaded}
        default = conf.drivers.default
        if not found or default not in (None, *found):
            known = ", ".join(sorted(found)) or "none"
            raise ConfigurationError(f"[drivers] default {default}: the drivers that are installed are {known}")
        return cls(found, default=default)

    def list_(self) -> list[Driver]:
        """Give every driver, ordered by name."""
        return list(self._drivers.values())

    def get(self, name: str) -> Driver:
        try:
            return self._drivers[name]
        except KeyError:
            raise NotFound("Driver", name) from None

    def find(self, name: str | None, cluster_type: ClusterType) -> Driver:
        """Give the driver that a template names, or else one that builds its cluster type.

        Raises ``InvalidField`` when there is none, or when the one that is named does not build that type.
        """
        if name is not None and name not in self._drivers:
            raise InvalidField("driver", name, f"it takes one of {', '.join(self._drivers)}")
        fitting = [one for one in self._drivers.values() if cluster_type in one.cluster_types]
        if name is not None:
            fitting = [one for one in fitting if one.name == name]
        if not fitting:
            raise InvalidField("cluster type", _shown(cluster_type), f"it takes one of {self._all_types(name)}")
        preferred = [one for one in fitting if one.name == self._default]
        return (preferred or fitting)[0]

    def _all_types(self, name: str | None) -> str:
        drivers = [one for one in self._drivers.values() if name in (None, one.name)]
        return "; ".join(sorted({_shown(one) for driver in drivers for one in driver.cluster_types}))


def _shown(one: ClusterType) -> str:
    return f"server_type {one.server_type}, os_distro {one.os_distro}, coe {one.coe}"


def _could_not_be_loaded(_: object, entry_point: object, error: BaseException) -> None:
    LOG.error("driver %s cannot be loaded: %s", entry_point, error)
