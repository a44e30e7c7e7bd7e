# SPDX-License-Identifier: Apache-2.0
"""Delayed calls of the pocket cloud."""

import threading

from magnum_lite.noderunner.clock import Clock


def test_calls_come_in_the_order_they_are_due() -> None:
    clock, came, done = Clock(threads=1), [], threading.Event()

    clock.later(0.1, lambda: (came.append("late"), done.set()))
    clock.later(0.0, lambda: came.append("soon"))
    done.wait(5)
    clock.stop()

    assert came == ["soon", "late"]


def test_a_call_that_fails_does_not_end_the_clock(caplog) -> None:
    clock, done = Clock(threads=1), threading.Event()

    clock.later(0, lambda: 1 / 0)
    clock.later(0, done.set)

    assert done.wait(5)
    clock.stop()
    assert "a delayed call failed" in caplog.text


def test_nothing_is_called_after_the_stop() -> None:
    clock, came = Clock(threads=2), []
    clock.later(0.05, lambda: came.append("too late"))

    clock.stop()
    clock.later(0, lambda: came.append("too late"))

    assert came == []


def test_some_calls_go_on_at_once() -> None:
    clock, both = Clock(threads=2), threading.Barrier(3)

    for _ in range(2):
        clock.later(0, lambda: both.wait(5))

    both.wait(5)
    clock.stop()
    assert not both.broken
