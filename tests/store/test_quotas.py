# SPDX-License-Identifier: Apache-2.0
"""A quota cannot be raced, and is set, changed and taken away beside the creates that count on it."""

import threading
from collections.abc import Callable

import pytest

from magnum_lite.errors import MagnumLiteError, NotFound, QuotaExceeded
from magnum_lite.model.quota import CLUSTER
from magnum_lite.store import clusters, quotas
from magnum_lite.store.engine import Session, Store
from magnum_lite.store.paging import Page
from tests.builders import NOW, REQUESTER, a_cluster

PROJECT = REQUESTER.project_id
SECONDS = 60


def create(store: Store, limit: int) -> None:
    def work(session: Session) -> None:
        quotas.check_room(session, PROJECT, limit, NOW)
        session.add(a_cluster())

    store.transact(work)


def set_quota(store: Store, limit: int, project_id: str = PROJECT) -> None:
    store.transact(lambda session: quotas.add(session, project_id, CLUSTER, limit, NOW))


def change_quota(store: Store, limit: int) -> None:
    store.transact(lambda session: quotas.change(session, PROJECT, CLUSTER, limit, NOW))


def count(store: Store) -> int:
    with store.read() as session:
        return clusters.count(session, PROJECT)


def at_once(*calls: Callable[[], object]) -> list[MagnumLiteError]:
    """Call each in a thread of its own, all at the same moment, and give what was refused."""
    refused: list[MagnumLiteError] = []
    start = threading.Barrier(len(calls))

    def attempt(call: Callable[[], object]) -> None:
        start.wait(SECONDS)
        try:
            call()
        except MagnumLiteError as error:
            refused.append(error)

    threads = [threading.Thread(target=attempt, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    return refused


def test_a_full_quota_refuses_the_cluster(store: Store) -> None:
    create(store, 1)

    with pytest.raises(QuotaExceeded, match="1 of 1 clusters"):
        create(store, 1)


def test_of_eight_creates_at_once_only_as_many_pass_as_there_is_room(store: Store) -> None:
    refused = at_once(*[lambda: create(store, 3)] * 8)

    assert (count(store), [type(error) for error in refused]) == (3, [QuotaExceeded] * 5)


def test_a_limit_lowered_to_what_there_is_lets_no_create_past(store: Store) -> None:
    set_quota(store, 100)
    there_were: list[int] = []

    def lower(session: Session) -> int:
        row = quotas.change(session, PROJECT, CLUSTER, 0, NOW)
        row.hard_limit = clusters.count(session, PROJECT)
        return row.hard_limit

    refused = at_once(*[lambda: create(store, 0)] * 8, lambda: there_were.append(store.transact(lower)))

    assert [count(store)] == there_were
    assert len(refused) == 8 - count(store)


def test_a_raised_limit_lets_just_as_many_more_past(store: Store) -> None:
    set_quota(store, 2)
    at_once(*[lambda: create(store, 0)] * 5, lambda: change_quota(store, 4))
    assert 2 <= count(store) <= 4

    at_once(*[lambda: create(store, 0)] * 5)
    assert count(store) == 4


def test_of_two_quotas_for_one_project_the_second_one_is_refused(store: Store) -> None:
    refused = at_once(*[lambda: set_quota(store, 5)] * 4, lambda: create(store, 1))

    assert [str(error) for error in refused] == [
        f"project {PROJECT} has a quota for Cluster already: 5; change that one"
    ] * 3


def test_the_row_that_creates_queue_on_is_no_quota(store: Store) -> None:
    create(store, 1)

    with store.read() as session:
        assert quotas.find(session, PROJECT, CLUSTER) is None
        assert quotas.list_(session, None, Page()).rows == []
    with pytest.raises(NotFound, match=f"Quota of project {PROJECT} for Cluster could not be found"):
        change_quota(store, 5)
    with store.write() as session, pytest.raises(NotFound):
        quotas.remove(session, PROJECT, CLUSTER)


def test_a_quota_can_be_set_over_that_row(store: Store) -> None:
    create(store, 1)
    set_quota(store, 2)

    with store.read() as session:
        found = quotas.find(session, PROJECT, CLUSTER)
    assert found is not None
    assert (found.hard_limit, found.created_at, found.updated_at) == (2, NOW, None)
    create(store, 1)


def test_without_its_quota_a_project_has_the_default_again(store: Store) -> None:
    set_quota(store, 1)
    create(store, 3)
    with store.write() as session:
        quotas.remove(session, PROJECT, CLUSTER)

    refused = at_once(*[lambda: create(store, 3)] * 4)
    assert (count(store), len(refused)) == (3, 2)


def test_a_list_comes_in_parts_and_says_where_it_ends(store: Store) -> None:
    for number in range(3):
        set_quota(store, number, f"project-{number}")

    with store.read() as session:
        first = quotas.list_(session, None, Page(limit=2, sort_key="hard_limit", sort_dir="desc"))
        marker = first.rows[-1].id
        last = quotas.list_(session, None, Page(limit=1, marker=marker, sort_key="hard_limit", sort_dir="desc"))
        own = quotas.list_(session, "project-1", Page())

    assert ([row.hard_limit for row in first.rows], first.has_more) == ([2, 1], True)
    assert ([row.hard_limit for row in last.rows], last.has_more) == ([0], False)
    assert [row.project_id for row in own.rows] == ["project-1"]


def test_a_marker_of_another_projects_list_is_not_there(store: Store) -> None:
    set_quota(store, 1, "another-project")

    with store.read() as session, pytest.raises(NotFound, match="Quota 1 could not be found"):
        quotas.list_(session, PROJECT, Page(marker=1))
