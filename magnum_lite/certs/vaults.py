# SPDX-License-Identifier: Apache-2.0
"""What a vault is, and which one the operator chose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from oslo_config import cfg
from stevedore import DriverManager, ExtensionManager
from stevedore.exception import NoMatches

from magnum_lite.errors import ConfigurationError
from magnum_lite.store.engine import Store

NAMESPACE = "magnum_lite.vaults"


class Vault(Protocol):
    """Keeps secrets of clusters under names made from the clusters' UUIDs."""

    def ensure(self, name: str, cluster_uuid: str, make: Callable[[], bytes]) -> bytes:
        """Give the secret of this name, made and kept first if there is none.

        Of several who make it at once, the first one to keep it wins and all get the same.
        """

    def get(self, name: str) -> bytes:
        """Give the secret of this name; raise ``NotFound``."""

    def find(self, name: str) -> bytes | None:
        """Give the secret of this name, if there is one."""

    def remove(self, name: str) -> None:
        """Make the secret gone; it may be gone already."""

    def remove_cluster(self, cluster_uuid: str) -> None:
        """Make every secret of the cluster gone."""


def load(conf: cfg.ConfigOpts, store: Store) -> Vault:
    """Build the vault that ``[vault] backend`` names."""
    build = cast(Callable[[cfg.ConfigOpts, Store], Vault], _plugin(conf))
    return build(conf, store)


def new_key(conf: cfg.ConfigOpts, *, only_first: bool = False) -> str:
    """Give the vault a new key that encrypts from the next start on, and tell in a sentence where it is.

    With ``only_first`` a vault that has a key keeps it. Raises ``ConfigurationError`` for a vault without keys of ours.
    """
    make: Callable[..., str] | None = getattr(_plugin(conf), "new_key", None)
    if make is None:
        raise ConfigurationError(f"[vault] backend {conf.vault.backend!r} keeps no keys of ours")
    return make(conf, only_first=only_first)


def _plugin(conf: cfg.ConfigOpts) -> object:
    name = conf.vault.backend
    try:
        plugin: DriverManager[Vault] = DriverManager(NAMESPACE, name)
    except NoMatches as error:
        known = ", ".join(sorted(ExtensionManager(NAMESPACE).names())) or "none"
        raise ConfigurationError(f"[vault] backend {name!r} is not installed; known are: {known}") from error
    return plugin.driver
