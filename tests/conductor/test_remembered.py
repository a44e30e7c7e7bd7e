# SPDX-License-Identifier: Apache-2.0
"""What a cloud said a while ago stands in for it: it is asked rarely, and not at all for a while after it failed."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from magnum_lite.conductor.remembered import Remembered, Terms
from magnum_lite.errors import CloudError


@dataclass
class Cinder:
    """Answers with how often it was asked, unless it is away; ``now`` is the time."""

    asked: int = 0
    is_away: bool = False
    now: float = 0.0
    remembered: Remembered[int] = field(init=False)

    def __post_init__(self) -> None:
        self.remembered = Remembered("the types", Terms(seconds=300, pause=60, most=3), clock=lambda: self.now)

    def look(self) -> int:
        self.asked += 1
        if self.is_away:
            raise CloudError("cinder", "Service Unavailable", retriable=True)
        return self.asked

    def get(self, key: str = "project", look: Callable[[], int] | None = None) -> int:
        return self.remembered.get(key, look or self.look)


def test_an_answer_is_given_again_until_it_is_too_old() -> None:
    cinder = Cinder()

    first, again = cinder.get(), cinder.get()
    cinder.now = 300
    assert [first, again, cinder.get(), cinder.asked] == [1, 1, 2, 2]


def test_each_key_has_an_answer_of_its_own() -> None:
    cinder = Cinder()

    assert [cinder.get("one"), cinder.get("two"), cinder.get("one")] == [1, 2, 1]


def test_what_was_known_is_given_while_the_cloud_is_away() -> None:
    cinder = Cinder()
    cinder.get()
    cinder.is_away, cinder.now = True, 300

    assert [cinder.get() for _ in range(5)] == [1] * 5
    assert cinder.asked == 2


def test_a_cloud_that_was_never_reached_is_left_alone_for_a_while_too() -> None:
    cinder = Cinder(is_away=True)

    for _ in range(5):
        with pytest.raises(CloudError, match="Service Unavailable"):
            cinder.get()
    assert cinder.asked == 1


def test_a_cloud_that_is_back_is_asked_after_the_pause() -> None:
    cinder = Cinder(is_away=True)
    with pytest.raises(CloudError):
        cinder.get()
    cinder.is_away, cinder.now = False, 60

    assert cinder.get() == 2


def test_a_failure_is_logged_with_the_thing_it_is_about(caplog: pytest.LogCaptureFixture) -> None:
    cinder = Cinder(is_away=True)

    with pytest.raises(CloudError):
        cinder.get("a-project")
    assert "the types of a-project cannot be looked up" in caplog.text


def test_the_oldest_answers_make_room_for_new_ones() -> None:
    cinder = Cinder()
    for key in "abcd":
        cinder.get(key)

    assert [cinder.get("d"), cinder.get("a"), cinder.asked] == [4, 5, 5]
