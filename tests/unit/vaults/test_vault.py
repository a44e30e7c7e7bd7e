# SPDX-License-Identifier: Apache-2.0
"""The vault with each of its backends: the first writer wins, nothing is left over, and secrets move."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from oslo_config import cfg

from magnum_lite.certs import vaults
from magnum_lite.certs.vaults import Vault
from magnum_lite.errors import CloudError, ConfigurationError, NotFound
from magnum_lite.pocketcloud.faults import Fault
from magnum_lite.pocketcloud.server import PocketCloud
from magnum_lite.store import secrets
from magnum_lite.store.engine import Store
from magnum_lite.store.secrets import Kept

BACKENDS = ("database", "barbican")
CLUSTER = "11111111-2222-4333-8444-555555555555"
OTHER = "66666666-7777-4888-8999-aaaaaaaaaaaa"


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, conf: cfg.ConfigOpts) -> str:
    conf.set_override("backend", request.param, "vault")
    return str(request.param)


@pytest.fixture
def vault(backend: str, conf: cfg.ConfigOpts, store: Store) -> Vault:
    return vaults.load(conf, store)


@pytest.fixture(autouse=True)
def barbican(pocket: PocketCloud) -> Iterator[Barbican]:
    yield Barbican(pocket)
    for secret in pocket.cloud.key_manager.secrets:
        pocket.cloud.key_manager.secrets.remove(secret["id"])


class Barbican:
    """What the pocket cloud's Barbican has."""

    def __init__(self, pocket: PocketCloud) -> None:
        self._secrets = pocket.cloud.key_manager.secrets

    def names(self) -> list[str]:
        return sorted(str(one["name"]) for one in self._secrets)


def noted(store: Store, name: str) -> Kept | None:
    with store.read() as session:
        return secrets.find(session, name)


def test_a_secret_is_made_once(vault: Vault) -> None:
    vault.ensure("a", CLUSTER, lambda: b"first")

    assert vault.ensure("a", CLUSTER, lambda: b"second") == b"first"


def test_every_byte_comes_back(vault: Vault) -> None:
    secret = bytes(range(256)) * 2

    vault.ensure("a", CLUSTER, lambda: secret)

    assert vault.get("a") == secret


def test_the_first_of_many_writers_wins(vault: Vault) -> None:
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


def test_nothing_is_kept_when_making_fails(vault: Vault) -> None:
    def make() -> bytes:
        raise RuntimeError("no entropy")

    with pytest.raises(RuntimeError):
        vault.ensure("a", CLUSTER, make)

    assert vault.find("a") is None


def test_what_is_not_there_is_not_found(vault: Vault) -> None:
    with pytest.raises(NotFound, match="Secret a could not be found"):
        vault.get("a")


def test_a_removed_secret_is_gone_and_may_be_removed_again(vault: Vault) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret")

    vault.remove("a")
    vault.remove("a")

    assert vault.find("a") is None


def test_a_cluster_takes_its_secrets_with_it_and_no_others(vault: Vault) -> None:
    for name, cluster in (("a", CLUSTER), ("b", CLUSTER), ("c", OTHER)):
        vault.ensure(name, cluster, lambda: b"secret")

    vault.remove_cluster(CLUSTER)

    assert [name for name in "abc" if vault.find(name) is not None] == ["c"]


def test_outside_nothing_is_kept_that_no_row_says_is_wanted(
    conf: cfg.ConfigOpts, store: Store, barbican: Barbican
) -> None:
    """A process that dies between Barbican's answer and our note has left a row by which the secret is found."""
    conf.set_override("backend", "barbican", "vault")
    with store.write() as session:
        secrets.add_if_absent(session, "a", CLUSTER, Kept("barbican", b""))
    vault = vaults.load(conf, store)
    assert vault.find("a") is None

    lost = vault._backend("barbican").keep("a", b"lost")
    assert vault.ensure("a", CLUSTER, lambda: b"secret") == b"secret"
    assert noted(store, "a") != Kept("barbican", lost)
    assert barbican.names() == ["a", "a"]

    vault.remove_cluster(CLUSTER)
    assert (barbican.names(), noted(store, "a")) == ([], None)


def test_barbican_is_asked_once_for_what_never_changes(conf: cfg.ConfigOpts, store: Store, pocket: PocketCloud) -> None:
    conf.set_override("backend", "barbican", "vault")
    vaults.load(conf, store).ensure("a", CLUSTER, lambda: b"secret")
    vault, asked = vaults.load(conf, store), "barbican GET /secrets/<ident>/payload"
    before = pocket.cloud.calls[asked]

    assert [vault.get("a") for _ in range(3)] == [b"secret"] * 3
    assert pocket.cloud.calls[asked] == before + 1


def test_a_secret_that_somebody_took_out_of_barbican_is_told_of(
    conf: cfg.ConfigOpts, store: Store, pocket: PocketCloud
) -> None:
    conf.set_override("backend", "barbican", "vault")
    vaults.load(conf, store).ensure("a", CLUSTER, lambda: b"secret")
    for secret in pocket.cloud.key_manager.secrets:
        pocket.cloud.key_manager.secrets.remove(secret["id"])

    with pytest.raises(ConfigurationError, match="The secret a is not in Barbican any more"):
        vaults.load(conf, store).get("a")


def test_a_barbican_that_is_away_is_asked_again_later(conf: cfg.ConfigOpts, store: Store, pocket: PocketCloud) -> None:
    conf.set_override("backend", "barbican", "vault")
    vault = vaults.load(conf, store)
    fault = pocket.cloud.faults.add(Fault("barbican", "error", status=503))
    try:
        with pytest.raises(CloudError) as caught:
            vault.ensure("a", CLUSTER, lambda: b"secret")
    finally:
        pocket.cloud.faults.clear(fault.id)
    assert caught.value.retriable
    assert vault.ensure("a", CLUSTER, lambda: b"again") == b"again"


@pytest.mark.parametrize("to", BACKENDS)
def test_the_secrets_of_a_cluster_move(conf: cfg.ConfigOpts, store: Store, barbican: Barbican, to: str) -> None:
    (origin,) = set(BACKENDS) - {to}
    conf.set_override("backend", origin, "vault")
    vault = vaults.load(conf, store)
    for name, cluster in (("a", CLUSTER), ("b", CLUSTER), ("c", OTHER)):
        vault.ensure(name, cluster, name.encode)

    assert (vault.move(to, CLUSTER), vault.move(to, CLUSTER)) == (2, 0)

    rows = [noted(store, name) for name in "abc"]
    assert [row.backend for row in rows if row] == [to, to, origin]
    assert barbican.names() == {"barbican": ["a", "b"], "database": ["c"]}[to]
    assert [vaults.load(conf, store).get(name) for name in "abc"] == [b"a", b"b", b"c"]


@pytest.mark.parametrize("to", BACKENDS)
def test_all_secrets_move_and_new_ones_go_where_the_operator_says(
    conf: cfg.ConfigOpts, store: Store, barbican: Barbican, to: str
) -> None:
    (origin,) = set(BACKENDS) - {to}
    conf.set_override("backend", origin, "vault")
    vaults.load(conf, store).ensure("a", CLUSTER, lambda: b"a")
    conf.set_override("backend", to, "vault")
    vault = vaults.load(conf, store)
    vault.ensure("b", OTHER, lambda: b"b")

    assert vault.move(to) == 1
    assert [vault.get(name) for name in "ab"] == [b"a", b"b"]
    assert barbican.names() == {"barbican": ["a", "b"], "database": []}[to]


def test_a_move_that_was_cut_off_is_finished_by_the_next_one(
    conf: cfg.ConfigOpts, store: Store, barbican: Barbican
) -> None:
    conf.set_override("backend", "barbican", "vault")
    vault = vaults.load(conf, store)
    vault.ensure("a", CLUSTER, lambda: b"a")
    where = noted(store, "a")
    assert where is not None
    # As if it had died before it could take the secret away where it came from.
    with store.write() as session:
        new = Kept("database", vault._backend("database").keep("a", b"a"))
        assert secrets.replace(session, "a", where, new)
    assert barbican.names() == ["a"]

    assert vault.move("database") == 0
    assert (barbican.names(), vault.get("a")) == ([], b"a")


def test_an_unknown_backend_has_nothing_moved_to_it(vault: Vault, store: Store) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret")

    with pytest.raises(ConfigurationError, match="'strongbox' is not installed; known are: barbican, database"):
        vault.move("strongbox")
    assert vault.get("a") == b"secret"


def test_only_what_our_keys_encrypt_is_rotated(vault: Vault, backend: str) -> None:
    vault.ensure("a", CLUSTER, lambda: b"secret")

    assert vault.rotate() == {"database": 1, "barbican": 0}[backend]
    assert vault.get("a") == b"secret"
