# SPDX-License-Identifier: Apache-2.0
"""The vault in our own database: keys rotate, rows cannot be swapped."""

from pathlib import Path

import pytest
from oslo_config import cfg

from magnum_lite.certs import vaults
from magnum_lite.certs.vaults import Vault
from magnum_lite.errors import ConfigurationError
from magnum_lite.store import secrets
from magnum_lite.store.engine import Store
from magnum_lite.store.secrets import Kept
from magnum_lite.vaults import keys

CLUSTER = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def vault(conf: cfg.ConfigOpts, store: Store) -> Vault:
    return vaults.load(conf, store)


def noted(store: Store, name: str) -> Kept:
    with store.read() as session:
        found = secrets.find(session, name)
    assert found is not None
    return found


def test_the_database_does_not_see_the_secret(vault: Vault, store: Store) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret")

    assert b"secret" not in noted(store, "a").kept


def test_another_key_is_a_clear_error(vault: Vault, store: Store, conf: cfg.ConfigOpts) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret")
    Path(conf.vault.key_file).unlink()
    keys.make(Path(conf.vault.key_file))

    with pytest.raises(ConfigurationError, match="secret a was not encrypted with any of the keys"):
        vaults.load(conf, store).get("a")


def test_a_row_cannot_pass_for_another(vault: Vault, store: Store) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret of a")
    vault.ensure("b", CLUSTER, lambda: b"secret of b")
    with store.write() as session:
        assert secrets.replace(session, "b", noted(store, "b"), noted(store, "a"))

    with pytest.raises(ConfigurationError, match="secret of another name"):
        vault.get("b")


def test_after_a_rotation_the_old_key_is_not_needed(vault: Vault, store: Store, conf: cfg.ConfigOpts) -> None:
    names = [f"secret-{number}" for number in range(5)]
    for name in names:
        vault.ensure(name, CLUSTER, name.encode)
    path = Path(conf.vault.key_file)
    keys.prepend(path)

    count = vaults.load(conf, store).rotate(at_once=2)

    path.write_text(path.read_text().splitlines()[0])
    fresh = vaults.load(conf, store)
    assert (count, [name.encode() for name in names]) == (5, [fresh.get(name) for name in names])


def test_an_unknown_backend_is_refused_with_its_name(conf: cfg.ConfigOpts, store: Store) -> None:
    conf.set_override("backend", "strongbox", "vault")

    with pytest.raises(ConfigurationError, match=r"\[vault\] backend 'strongbox' is not installed"):
        vaults.load(conf, store)
