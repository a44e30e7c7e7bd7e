# SPDX-License-Identifier: Apache-2.0
"""Two conductors on one queue and one database share the work, and never work on one cluster at the same time."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.conductor.reconcile import ENSURE
from tests.system.house import House
from tests.system.processes import Process, wait_until

CLUSTERS = 50
ON_SERVERS = 24
# How many clusters each conductor has completed when one of them is killed.
SHARE = 4
BUILD_SECONDS = 300.0
JOURNAL = Path(__file__).parent / "journal.sql"
IN_PROGRESS = "SELECT id FROM cluster WHERE status = 'CREATE_IN_PROGRESS'"
# Long enough for a busy machine to renew it in time: else a living conductor would lose its clusters, and rightly.
RESERVATION_SECONDS = 8.0


@dataclass(frozen=True)
class Shared:
    """What two conductors did together before one was killed and the other finished the work.

    ``before`` counts completed clusters per process at the kill; ``killed`` is the process that was.
    """

    house: House
    clusters: list[str]
    statuses: Counter[str]
    killed: int
    before: dict[int, int]
    journal: list[Any]
    events: list[Any]
    leftovers: dict[str, int]


@pytest.fixture(scope="module")
def shared(server_house: House, rabbitmq_url: str) -> Shared:
    house = server_house
    house.prepare(
        {
            "DEFAULT": {"transport_url": rabbitmq_url},
            "conductor": {"reservation_seconds": RESERVATION_SECONDS, "workers": 4},
            "quotas": {"max_clusters_per_project": CLUSTERS},
        }
    )
    for statement in JOURNAL.read_text().split(";\n"):
        if statement.strip():
            house.change(statement)
    with house.api(), house.conductor("first") as first, house.conductor("second") as second:
        return _share(house, first, second)


def _share(house: House, first: Process, second: Process) -> Shared:
    """Have all clusters made, with the first conductor killed on the way, look at what there is, and delete them."""
    user = house.user()
    templates = [user.template("shared"), user.template("shared-noop", image_id=user.image("noop", os_distro="noop"))]
    clusters = [user.create(templates[n >= ON_SERVERS], f"shared-{n}", node_count=n % 2) for n in range(CLUSTERS)]
    both = (first, second)
    wait_until(lambda: min(map(_completed, both)) >= SHARE, f"{SHARE} completed by each", seconds=BUILD_SECONDS)
    first.kill()
    before = {process.pid: _completed(process) for process in both}
    wait_until(lambda: not house.query(IN_PROGRESS), "nothing in progress", seconds=BUILD_SECONDS)
    shared = Shared(
        house=house,
        clusters=clusters,
        statuses=Counter(row.status for row in house.query("SELECT status FROM cluster")),
        killed=first.pid,
        before=before,
        journal=house.query("SELECT * FROM journal ORDER BY id"),
        events=house.query("SELECT * FROM event ORDER BY id"),
        leftovers=house.cloud.leftovers(),
    )
    for cluster in clusters:
        user.delete(cluster)
    wait_until(lambda: not house.query("SELECT id FROM cluster"), "all deleted", seconds=BUILD_SECONDS)
    return shared


def _completed(conductor: Process) -> int:
    return conductor.text().count(": create complete after")


def test_all_clusters_are_complete_though_one_conductor_was_killed(shared: Shared) -> None:
    assert shared.statuses == {"CREATE_COMPLETE": CLUSTERS}


def test_both_conductors_took_clusters_and_completed_some(shared: Shared) -> None:
    assert min(shared.before.values()) >= SHARE
    assert sum(shared.before.values()) < CLUSTERS
    assert {_process(row.owner) for row in _takes(shared)} == shared.before.keys()


def test_everything_was_made_once(shared: Shared) -> None:
    begun = Counter((row.cluster_uuid, row.resource) for row in shared.events if row.reason == "begun")

    assert (shared.leftovers["stack"], shared.leftovers["user"]) == (ON_SERVERS, CLUSTERS)
    assert begun == Counter((one, step.__name__) for one in shared.clusters for step in ENSURE)


def test_a_cluster_is_taken_only_when_nobody_holds_it(shared: Shared) -> None:
    taken_from_others = [row for row in _takes(shared) if row.owner_before is not None]

    assert [row for row in taken_from_others if row.expired_at > row.seen_at] == []
    assert {_process(row.owner_before) for row in taken_from_others} <= {shared.killed}


def test_the_fence_grows_by_one_with_every_take_and_never_else(shared: Shared) -> None:
    fences = defaultdict(list)
    for row in _takes(shared):
        fences[row.cluster].append((row.fence_before, row.fence))
    held = [row for row in shared.journal if row.fence == row.fence_before and row.owner is not None]

    assert fences == {one: [(n, n + 1) for n in range(len(fences[one]))] for one in shared.clusters}
    assert [row for row in held if row.owner != row.owner_before] == []


def test_what_was_written_under_one_fence_ends_before_the_next_begins(shared: Shared) -> None:
    written = defaultdict(list)
    for row in shared.events:
        if row.fence is not None:
            written[row.cluster_uuid].append((row.fence, row.created_at))
    taken = {(row.cluster, row.fence): row.seen_at for row in _takes(shared)}
    early = [(one, at) for one in written for fence, at in written[one] if at < taken[one, fence]]
    late = [(one, at) for one in written for fence, at in written[one] if at > taken.get((one, fence + 1), at)]

    assert written.keys() == set(shared.clusters)
    assert [one for one, rows in written.items() if rows != sorted(rows)] == []
    assert (early, late) == ([], [])


def test_after_all_deletes_nothing_is_left(shared: Shared) -> None:
    cloud = shared.house.cloud

    wait_until(lambda: cloud.leftovers() == {}, f"no leftovers in {cloud.leftovers()}", seconds=30)
    assert [shared.house.rows_of(one) for one in shared.clusters] == [{}] * CLUSTERS


def _takes(shared: Shared) -> list[Any]:
    """Give the changes by which a conductor took a cluster, in their order."""
    return [row for row in shared.journal if row.fence != row.fence_before]


def _process(owner: str) -> int:
    """Give the process number that stands in an owner's name."""
    return int(owner.split(":")[-2])
