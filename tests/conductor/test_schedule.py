# SPDX-License-Identifier: Apache-2.0
"""Each cluster is worked on by one thread at a time, soon after a nudge, and again when it asks for it."""

import threading
from collections.abc import Callable, Iterator

import pytest

from magnum_lite.conductor.schedule import Schedule

SECONDS = 10.0


@pytest.fixture
def run() -> Iterator[Callable[[Callable[[str], float | None]], Schedule]]:
    begun: list[Schedule] = []

    def start(work: Callable[[str], float | None], workers: int = 4, head_start: float = 10.0) -> Schedule:
        schedule = Schedule(work, workers=workers, head_start=head_start)
        begun.append(schedule)
        schedule.start()
        return schedule

    yield start
    assert [schedule.stop(SECONDS) for schedule in begun] == [True] * len(begun)


def test_a_nudge_while_it_is_worked_on_has_it_worked_on_once_more(run: Callable[..., Schedule]) -> None:
    begun, go_on, times, second = threading.Event(), threading.Event(), [], threading.Event()

    def work(cluster: str) -> None:
        times.append(cluster)
        if len(times) == 1:
            begun.set()
            assert go_on.wait(SECONDS)
        else:
            second.set()

    schedule = run(work)
    schedule.nudge("a")
    assert begun.wait(SECONDS)
    for _ in range(5):
        schedule.nudge("a")
    go_on.set()

    assert second.wait(SECONDS)
    schedule.stop(SECONDS)
    assert times == ["a", "a"]


def test_one_cluster_is_never_worked_on_by_two_threads(run: Callable[..., Schedule]) -> None:
    inside, most, lock, done = 0, 0, threading.Lock(), threading.Event()
    left = [200]

    def work(_cluster: str) -> float | None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        with lock:
            inside -= 1
            left[0] -= 1
            if left[0] <= 0:
                done.set()
                return None
        return 0.0

    schedule = run(work)
    for _ in range(50):
        schedule.nudge("a")

    assert done.wait(SECONDS)
    assert most == 1


def test_other_clusters_go_on_while_one_is_slow(run: Callable[..., Schedule]) -> None:
    go_on, other = threading.Event(), threading.Event()

    def work(cluster: str) -> None:
        if cluster == "slow":
            assert go_on.wait(SECONDS)
        else:
            other.set()

    schedule = run(work)
    schedule.nudge("slow")
    schedule.nudge("quick")

    assert other.wait(SECONDS)
    go_on.set()


def test_what_was_begun_comes_before_what_is_new(run: Callable[..., Schedule]) -> None:
    order, begun, go_on, done = [], threading.Event(), threading.Event(), threading.Event()

    def work(cluster: str) -> float | None:
        order.append(cluster)
        if cluster == "busy":
            begun.set()
            assert go_on.wait(SECONDS)
        if len(order) == 4:
            done.set()
        return 3600.0 if cluster == "begun" else None

    schedule = run(work, workers=1)
    schedule.nudge("begun")
    schedule.nudge("busy")
    assert begun.wait(SECONDS)
    for cluster in ("new", "begun"):
        schedule.nudge(cluster)
    go_on.set()

    assert done.wait(SECONDS)
    assert order == ["begun", "busy", "begun", "new"]


def test_what_is_new_has_its_turn_though_what_was_begun_has_no_end(run: Callable[..., Schedule]) -> None:
    order, done = [], threading.Event()

    def work(cluster: str) -> float | None:
        order.append(cluster)
        if cluster == "new":
            done.set()
            return None
        return None if done.is_set() else 0.0

    schedule = run(work, workers=1, head_start=0.1)
    schedule.nudge("begun")
    schedule.nudge("new")

    assert done.wait(SECONDS)
    assert order[:2] == ["begun", "begun"]


def test_a_nudge_comes_before_a_later_look(run: Callable[..., Schedule]) -> None:
    looks, twice = [], threading.Event()

    def work(cluster: str) -> float | None:
        looks.append(cluster)
        if len(looks) == 2:
            twice.set()
        return 3600.0

    schedule = run(work)
    schedule.nudge("a")
    while len(looks) < 1:
        assert not twice.wait(0.01)
    schedule.nudge("a")

    assert twice.wait(SECONDS)


def test_work_that_breaks_ends_no_thread(run: Callable[..., Schedule]) -> None:
    after = threading.Event()

    def work(cluster: str) -> None:
        if cluster == "broken":
            raise ValueError("broken")
        after.set()

    schedule = run(work, workers=1)
    schedule.nudge("broken")
    schedule.nudge("sound")

    assert after.wait(SECONDS)
