# SPDX-License-Identifier: Apache-2.0
"""A cluster is held by one conductor at a time, and the fence number shows who came last."""

import datetime
import threading

import pytest

from magnum_lite.errors import ReservationLost
from magnum_lite.store import reservations
from magnum_lite.store.engine import Store
from magnum_lite.store.reservations import Hold
from tests.builders import NOW

CLUSTER = "c0ffee00-0000-4000-8000-000000000001"
LATER = NOW + datetime.timedelta(seconds=61)


@pytest.fixture
def store_with_cluster(store: Store) -> Store:
    with store.write() as session:
        reservations.add(session, CLUSTER, NOW)
    return store


def take(store: Store, owner: str, now: datetime.datetime = NOW) -> Hold | None:
    return store.transact(lambda session: reservations.take(session, CLUSTER, owner, now, 60))


def release(store: Store, hold: Hold | None) -> bool:
    assert hold is not None
    return store.transact(lambda session: reservations.release(session, hold))


def test_a_held_cluster_cannot_be_taken(store_with_cluster: Store) -> None:
    assert take(store_with_cluster, "one") == Hold(CLUSTER, "one", 1)
    assert take(store_with_cluster, "two") is None


def test_every_hold_has_a_higher_fence_number(store_with_cluster: Store) -> None:
    release(store_with_cluster, take(store_with_cluster, "one"))

    assert take(store_with_cluster, "two") == Hold(CLUSTER, "two", 2)


def test_a_dead_conductors_hold_runs_out_and_it_may_not_write_any_more(store_with_cluster: Store) -> None:
    first = take(store_with_cluster, "one")
    second = take(store_with_cluster, "two", LATER)

    assert second == Hold(CLUSTER, "two", 2)
    assert first is not None
    with pytest.raises(ReservationLost), store_with_cluster.write() as session:
        reservations.renew(session, first, LATER, 60)


def test_who_finds_it_held_has_the_holder_look_again(store_with_cluster: Store) -> None:
    hold = take(store_with_cluster, "one")
    take(store_with_cluster, "two")

    assert [release(store_with_cluster, hold), release(store_with_cluster, hold)] == [False, True]


def test_a_cluster_that_is_gone_cannot_be_taken(store: Store) -> None:
    assert take(store, "one") is None


def test_of_many_that_want_it_at_once_one_gets_it(store_with_cluster: Store) -> None:
    got: list[Hold | None] = []
    threads = [threading.Thread(target=lambda n=n: got.append(take(store_with_cluster, f"c{n}"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(got) == 8
    assert len([hold for hold in got if hold is not None]) == 1
