# SPDX-License-Identifier: Apache-2.0
"""The vault that keeps secrets in our own database, encrypted with keys that are not in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import InvalidToken
from oslo_config import cfg

from magnum_lite.errors import ConfigurationError, NotFound
from magnum_lite.store import secrets
from magnum_lite.store.engine import Store
from magnum_lite.vaults import keys

PAGE = 100


class DatabaseVault:
    """Secrets encrypted with Fernet under the keys of ``[vault] key_file``.

    The name is encrypted with the secret, so that a row cannot pass for another one.
    """

    def __init__(self, conf: cfg.ConfigOpts, store: Store) -> None:
        self._store = store
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

    def ensure(self, name: str, cluster_uuid: str, make: Callable[[], bytes]) -> bytes:
        """Give the secret of this name; the first one to keep it wins, and no transaction is open while it is made."""
        known = self.find(name)
        if known is not None:
            return known
        mine = self._encrypt(name, make())
        kept = self._store.transact(lambda session: secrets.add_if_absent(session, name, cluster_uuid, mine))
        return self._decrypt(name, kept)

    def get(self, name: str) -> bytes:
        """Give the secret of this name; raise ``NotFound``."""
        secret = self.find(name)
        if secret is None:
            raise NotFound("Secret", name)
        return secret

    def find(self, name: str) -> bytes | None:
        """Give the secret of this name, if there is one."""
        with self._store.read() as session:
            ciphertext = secrets.find(session, name)
        return None if ciphertext is None else self._decrypt(name, ciphertext)

    def remove(self, name: str) -> None:
        """Make the secret gone; it may be gone already."""
        self._store.transact(lambda session: secrets.remove(session, name))

    def remove_cluster(self, cluster_uuid: str) -> None:
        """Make every secret of the cluster gone."""
        self._store.transact(lambda session: secrets.remove_of_cluster(session, cluster_uuid))

    def rotate(self, *, at_once: int = PAGE) -> int:
        """Encrypt every secret anew with the first key, so many in one transaction, and give their number.

        It may be cut and run again; secrets that change or go meanwhile are left alone. After it the other keys may be
        taken out of the file.
        """
        after, count = 0, 0
        while page := self._page(after, at_once):
            count += self._replace([(name, old) for _ident, name, old in page])
            after = page[-1][0]
        return count

    def _page(self, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        with self._store.read() as session:
            return secrets.list_(session, after, limit)

    def _replace(self, page: list[tuple[str, bytes]]) -> int:
        changes = [(name, old, self._encrypt(name, self._decrypt(name, old))) for name, old in page]
        return self._store.transact(lambda session: sum(secrets.replace(session, *change) for change in changes))

    def _encrypt(self, name: str, secret: bytes) -> bytes:
        return self._keys.encrypt(name.encode() + b"\0" + secret)

    def _decrypt(self, name: str, ciphertext: bytes) -> bytes:
        try:
            owner, _, secret = self._keys.decrypt(ciphertext).partition(b"\0")
        except InvalidToken as error:
            raise ConfigurationError(
                f"The secret {name} was not encrypted with any of the keys of the vault's key file {self._key_file}"
            ) from error
        if owner != name.encode():
            raise ConfigurationError(f"The row of the secret {name} holds the secret of another name")
        return secret
