# SPDX-License-Identifier: Apache-2.0
"""The vault in our own database: first writer wins, keys rotate, rows cannot be swapped."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from oslo_config import cfg

from magnum_lite import conf as configuration
from magnum_lite.certs import vaults
from magnum_lite.errors import ConfigurationError, NotFound
from magnum_lite.model import Base
from magnum_lite.store import secrets
from magnum_lite.store.engine import Store
from magnum_lite.vaults import keys
from magnum_lite.vaults.database import DatabaseVault

CLUSTER = "11111111-2222-4333-8444-555555555555"
OTHER = "66666666-7777-4888-8999-aaaaaaaaaaaa"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.connect(f"sqlite:///{tmp_path / 'database.sqlite'}")
    Base.metadata.create_all(store.engine)
    yield store
    store.close()


@pytest.fixture
def conf(tmp_path: Path) -> cfg.ConfigOpts:
    conf = configuration.new([], [])
    conf.set_override("key_file", str(tmp_path / "vault.keys"), "vault")
    keys.make(tmp_path / "vault.keys")
    return conf


@pytest.fixture
def vault(conf: cfg.ConfigOpts, store: Store) -> DatabaseVault:
    return DatabaseVault(conf, store)


def ciphertext(store: Store, name: str) -> bytes:
    with store.read() as session:
        found = secrets.find(session, name)
    assert found is not None
    return found


def test_a_secret_is_made_once(vault: DatabaseVault) -> None:
    vault.ensure("a", CLUSTER, lambda: b"first")

    assert vault.ensure("a", CLUSTER, lambda: b"second") == b"first"


def test_every_byte_comes_back(vault: DatabaseVault) -> None:
    secret = bytes(range(256)) * 2

    vault.ensure("a", CLUSTER, lambda: secret)

    assert vault.get("a") == secret


def test_the_first_of_many_writers_wins(vault: DatabaseVault) -> None:
    barrier, kept = threading.Barrier(8), []

    def make(mine: bytes) -> bytes:
        barrier.wait(timeout=30)
        return mine

    def write(number: int) -> None:
        kept.append(vault.ensure("a", CLUSTER, lambda: make(b"%d" % number)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert kept == [vault.get("a")] * 8


def test_nothing_is_kept_when_making_fails(vault: DatabaseVault) -> None:
    def make() -> bytes:
        raise RuntimeError("no entropy")

    with pytest.raises(RuntimeError):
        vault.ensure("a", CLUSTER, make)

    assert vault.find("a") is None


def test_what_is_not_there_is_not_found(vault: DatabaseVault) -> None:
    with pytest.raises(NotFound, match="Secret a could not be found"):
        vault.get("a")


def test_a_removed_secret_is_gone_and_may_be_removed_again(vault: DatabaseVault) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret")

    vault.remove("a")
    vault.remove("a")

    assert vault.find("a") is None


def test_a_cluster_takes_its_secrets_with_it_and_no_others(vault: DatabaseVault) -> None:
    for name, cluster in (("a", CLUSTER), ("b", CLUSTER), ("c", OTHER)):
        vault.ensure(name, cluster, lambda: b"secret")

    vault.remove_cluster(CLUSTER)

    assert [name for name in "abc" if vault.find(name) is not None] == ["c"]


def test_the_database_does_not_see_the_secret(vault: DatabaseVault, store: Store) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret")

    assert b"secret" not in ciphertext(store, "a")


def test_another_key_is_a_clear_error(vault: DatabaseVault, store: Store, conf: cfg.ConfigOpts) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret")
    Path(conf.vault.key_file).unlink()
    keys.make(Path(conf.vault.key_file))

    with pytest.raises(ConfigurationError, match="secret a was not encrypted with any of the keys"):
        DatabaseVault(conf, store).get("a")


def test_a_row_cannot_pass_for_another(vault: DatabaseVault, store: Store) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret of a")
    vault.ensure("b", CLUSTER, lambda: b"secret of b")
    with store.write() as session:
        assert secrets.replace(session, "b", ciphertext(store, "b"), ciphertext(store, "a"))

    with pytest.raises(ConfigurationError, match="secret of another name"):
        vault.get("b")


def test_after_a_rotation_the_old_key_is_not_needed(vault: DatabaseVault, store: Store, conf: cfg.ConfigOpts) -> None:
    names = [f"secret-{number}" for number in range(5)]
    for name in names:
        vault.ensure(name, CLUSTER, name.encode)
    path = Path(conf.vault.key_file)
    keys.prepend(path)

    count = DatabaseVault(conf, store).rotate(at_once=2)

    path.write_text(path.read_text().splitlines()[0])
    fresh = DatabaseVault(conf, store)
    assert (count, [name.encode() for name in names]) == (5, [fresh.get(name) for name in names])


def test_an_unknown_backend_is_refused_with_its_name(conf: cfg.ConfigOpts, store: Store) -> None:
    conf.set_override("backend", "strongbox", "vault")

    with pytest.raises(ConfigurationError, match=r"\[vault\] backend 'strongbox' is not installed"):
        vaults.load(conf, store)


def test_the_database_vault_is_found_by_its_name(conf: cfg.ConfigOpts, store: Store) -> None:
    assert isinstance(vaults.load(conf, store), DatabaseVault)
