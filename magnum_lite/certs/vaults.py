# SPDX-License-Identifier: Apache-2.0
"""The vault: rows that say where each secret is kept, and the backends that keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, cast

from oslo_config import cfg
from stevedore import DriverManager, ExtensionManager
from stevedore.exception import NoMatches

from magnum_lite.errors import ConfigurationError, NotFound
from magnum_lite.store import secrets
from magnum_lite.store.engine import Session, Store
from magnum_lite.store.secrets import Kept, Row

NAMESPACE = "magnum_lite.vaults"
WITH_KEYS = "database"
PAGE = 100


class Backend(Protocol):
    """A plug-in that keeps secrets, one at a time; it is built with the configuration.

    ``is_outside`` says that it keeps them somewhere else than in what it has the vault note.
    """

    is_outside: bool

    def keep(self, name: str, secret: bytes) -> bytes:
        """Keep a secret; give what it will be found by, which the vault notes."""

    def read(self, name: str, kept: bytes) -> bytes:
        """Give the secret that is found by what was noted; raise ``ConfigurationError`` where that cannot be."""

    def forget(self, name: str, kept: bytes) -> None:
        """Make what is found by this gone, or by nothing all that was ever kept under the name; gone is fine."""


class Vault:
    """Keeps secrets of clusters under names made from the clusters' UUIDs.

    New ones go to the backend that ``[vault] backend`` names; each other one is read from where it is.
    """

    def __init__(self, conf: cfg.ConfigOpts, store: Store) -> None:
        self._conf = conf
        self._store = store
        self._backends: dict[str, Backend] = {}
        self._chosen: str = conf.vault.backend
        self._backend(self._chosen)

    def ensure(self, name: str, cluster_uuid: str, make: Callable[[], bytes]) -> bytes:
        """Give the secret of this name, made and kept first if there is none.

        Of several who make it at once, the first one to note it wins and all get the same. No transaction is open
        while a secret is made or kept.
        """
        known = self._find(name)
        if known is not None and known.kept:
            return self._read(name, known)
        secret = make()
        wanted = known or self._begin(name, cluster_uuid)
        backend = self._backend(wanted.backend)
        mine = Kept(wanted.backend, backend.keep(name, secret))
        kept = self._store.transact(lambda session: self._note(session, name, cluster_uuid, wanted, mine))
        if kept != mine:
            backend.forget(name, mine.kept)
        return self._read(name, kept)

    def get(self, name: str) -> bytes:
        """Give the secret of this name; raise ``NotFound``."""
        secret = self.find(name)
        if secret is None:
            raise NotFound("Secret", name)
        return secret

    def find(self, name: str) -> bytes | None:
        """Give the secret of this name, if there is one."""
        known = self._find(name)
        return self._read(name, known) if known is not None and known.kept else None

    def remove(self, name: str) -> None:
        """Make the secret gone; it may be gone already."""
        known = self._find(name)
        if known is not None:
            self._backend(known.backend).forget(name, b"")
            self._store.transact(lambda session: secrets.remove(session, name))

    def remove_cluster(self, cluster_uuid: str) -> None:
        """Make every secret of the cluster gone."""
        for row in self._rows(cluster_uuid):
            backend = self._backend(row.where.backend)
            if backend.is_outside:
                backend.forget(row.name, b"")
        self._store.transact(lambda session: secrets.remove_of_cluster(session, cluster_uuid))

    def rotate(self, *, at_once: int = PAGE) -> int:
        """Encrypt every secret that is encrypted with keys of ours anew with the first key, and give their number.

        So many are done in one transaction. It may be cut and run again; secrets that change or go meanwhile are left
        alone. After it the other keys may be taken out of the file.
        """
        count = 0
        for page in self._pages(at_once=at_once):
            changes = []
            for row in page:
                backend = self._backend(row.where.backend)
                if not backend.is_outside:
                    again = backend.keep(row.name, backend.read(row.name, row.where.kept))
                    changes.append((row.name, row.where, Kept(row.where.backend, again)))
            count += self._replace(changes)
        return count

    def move(self, to: str, cluster_uuid: str | None = None) -> int:
        """Move the secrets of one cluster, or of all, to another backend; give the number of those that moved.

        It may be cut and run again: what was left behind where a secret came from goes then. Conductors that run
        meanwhile find each secret in one place or the other.
        """
        self._backend(to)
        count = 0
        for page in self._pages(cluster_uuid):
            for row in page:
                if row.where.backend != to and row.where.kept:
                    count += self._move(row, to)
                self._leave(row.name, to)
        return count

    def _move(self, row: Row, to: str) -> int:
        source, target = self._backend(row.where.backend), self._backend(to)
        new = Kept(to, target.keep(row.name, source.read(row.name, row.where.kept)))
        if self._replace([(row.name, row.where, new)]):
            return 1
        target.forget(row.name, new.kept)
        return 0

    def _leave(self, name: str, to: str) -> None:
        """Make gone what other backends have of a secret, whether it moved just now or before."""
        for other, backend in self._backends.items():
            if other != to and backend.is_outside:
                backend.forget(name, b"")

    def _begin(self, name: str, cluster_uuid: str) -> Kept:
        """Note that a secret will be outside before it is, so that whatever was made is found and can be removed."""
        wanted = Kept(self._chosen, b"")
        if not self._backend(self._chosen).is_outside:
            return wanted
        noted: Kept = self._store.transact(lambda session: secrets.add_if_absent(session, name, cluster_uuid, wanted))
        return noted

    def _note(self, session: Session, name: str, cluster_uuid: str, wanted: Kept, mine: Kept) -> Kept:
        """Note where the secret is unless somebody has; give what is noted."""
        known = secrets.add_if_absent(session, name, cluster_uuid, mine)
        return mine if known == wanted and secrets.replace(session, name, wanted, mine) else known

    def _find(self, name: str) -> Kept | None:
        with self._store.read() as session:
            return secrets.find(session, name)

    def _read(self, name: str, where: Kept) -> bytes:
        return self._backend(where.backend).read(name, where.kept)

    def _rows(self, cluster_uuid: str) -> list[Row]:
        return [row for page in self._pages(cluster_uuid) for row in page]

    def _pages(self, cluster_uuid: str | None = None, *, at_once: int = PAGE) -> Iterator[list[Row]]:
        after = 0
        while True:
            with self._store.read() as session:
                page = list(secrets.list_(session, after, at_once, cluster_uuid=cluster_uuid))
            if not page:
                return
            yield page
            after = page[-1].id

    def _replace(self, changes: list[tuple[str, Kept, Kept]]) -> int:
        return self._store.transact(lambda session: sum(secrets.replace(session, *change) for change in changes))

    def _backend(self, name: str) -> Backend:
        if name not in self._backends:
            self._backends[name] = cast(Callable[[cfg.ConfigOpts], Backend], _plugin(name))(self._conf)
        return self._backends[name]


def load(conf: cfg.ConfigOpts, store: Store) -> Vault:
    """Build the vault; raise ``ConfigurationError`` when what ``[vault] backend`` names is not there or not usable."""
    return Vault(conf, store)


def new_key(conf: cfg.ConfigOpts, *, only_first: bool = False) -> str:
    """Give the database's backend a new key that encrypts from the next start on; tell in a sentence where it is.

    It is the one with keys of ours, whatever new secrets are kept by: others may have to be moved there. With
    ``only_first`` one that has a key keeps it.
    """
    make: Callable[..., str] = getattr(_plugin(WITH_KEYS), "new_key")  # noqa: B009 - no other backend has it
    return make(conf, only_first=only_first)


def _plugin(name: str) -> object:
    try:
        plugin: DriverManager[Backend] = DriverManager(NAMESPACE, name)
    except NoMatches as error:
        known = ", ".join(sorted(ExtensionManager(NAMESPACE).names())) or "none"
        raise ConfigurationError(f"[vault] backend {name!r} is not installed; known are: {known}") from error
    return plugin.driver
