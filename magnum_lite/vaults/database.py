# SPDX-License-Identifier: Apache-2.0
"""The backend that keeps secrets in our own database, encrypted with keys that are not in it."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import InvalidToken
from oslo_config import cfg

from magnum_lite.errors import ConfigurationError
from magnum_lite.vaults import keys


class DatabaseBackend:
    """Secrets encrypted with Fernet under the keys of ``[vault] key_file``.

    The name is encrypted with the secret, so that a row cannot pass for another one.
    """

    is_outside = False

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._key_file = Path(conf.vault.key_file)
        self._keys = keys.load(self._key_file)

    @staticmethod
    def new_key(conf: cfg.ConfigOpts, *, only_first: bool = False) -> str:
        """Make the key file, or put a new first key into it; with ``only_first`` leave one that is there alone."""
        path = Path(conf.vault.key_file)
        if not path.exists():
            keys.make(path)
            return f"{path}: made with one key"
        if only_first:
            return f"{path}: is there already"
        keys.prepend(path)
        return f"{path}: has a new first key; restart every conductor, then run magnum-lite-manage vault rotate"

    def keep(self, name: str, secret: bytes) -> bytes:
        """Give the secret encrypted with the first key."""
        return self._keys.encrypt(name.encode() + b"\0" + secret)

    def read(self, name: str, kept: bytes) -> bytes:
        """Give the secret that was encrypted; raise ``ConfigurationError`` where no key fits."""
        try:
            owner, _, secret = self._keys.decrypt(kept).partition(b"\0")
        except InvalidToken as error:
            raise ConfigurationError(
                f"The secret {name} was not encrypted with any of the keys of the vault's key file {self._key_file}"
            ) from error
        if owner != name.encode():
            raise ConfigurationError(f"The row of the secret {name} holds the secret of another name")
        return secret

    def forget(self, name: str, kept: bytes) -> None:
        """There is nothing but what the vault has noted."""
