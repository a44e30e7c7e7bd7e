# SPDX-License-Identifier: Apache-2.0
"""A quota cannot be raced."""

import threading

import pytest

from magnum_lite.errors import QuotaExceeded
from magnum_lite.store import clusters, quotas
from magnum_lite.store.engine import Store
from tests.builders import NOW, REQUESTER, a_cluster

PROJECT = REQUESTER.project_id


def create(store: Store, limit: int) -> None:
    def work(session: object) -> None:
        quotas.check_room(session, PROJECT, limit, NOW)  # type: ignore[arg-type]
        session.add(a_cluster())  # type: ignore[attr-defined]

    store.transact(work)


def test_a_full_quota_refuses_the_cluster(store: Store) -> None:
    create(store, 1)

    with pytest.raises(QuotaExceeded, match="1 of 1 clusters"):
        create(store, 1)


def test_of_eight_creates_at_once_only_as_many_pass_as_there_is_room(store: Store) -> None:
    refused: list[str] = []

    def attempt() -> None:
        try:
            create(store, 3)
        except QuotaExceeded as error:
            refused.append(error.message)

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    with store.read() as session:
        assert clusters.count(session, PROJECT) == 3
    assert len(refused) == 5
