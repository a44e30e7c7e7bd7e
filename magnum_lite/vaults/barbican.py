# SPDX-License-Identifier: Apache-2.0
"""The backend that keeps secrets in Barbican, in the project of the service's own user."""

from __future__ import annotations

import functools

from oslo_config import cfg

from magnum_lite.clouds import barbican
from magnum_lite.clouds.session import service_session
from magnum_lite.errors import CloudNotFound, ConfigurationError

MOST_REMEMBERED = 1000


class BarbicanBackend:
    """Secrets in Barbican, found by their IDs there; what an ID stands for never changes, so it is asked for once."""

    is_outside = True

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._session = service_session(conf)
        self._payload = functools.lru_cache(MOST_REMEMBERED)(self._get)

    def keep(self, name: str, secret: bytes) -> bytes:
        """Keep a secret and give its ID."""
        return barbican.create_secret(self._session, name, secret).encode()

    def read(self, name: str, kept: bytes) -> bytes:
        """Give the secret with this ID; raise ``ConfigurationError`` when Barbican has none."""
        try:
            return self._payload(kept.decode())
        except CloudNotFound as error:
            raise ConfigurationError(
                f"The secret {name} is not in Barbican any more, where it had the ID {kept.decode()}"
            ) from error

    def forget(self, name: str, kept: bytes) -> None:
        """Make the secret with this ID gone, or without one all of this name."""
        for ident in [kept.decode()] if kept else barbican.list_secrets(self._session, name):
            barbican.delete_secret(self._session, ident)

    def _get(self, ident: str) -> bytes:
        return barbican.get_payload(self._session, ident)
