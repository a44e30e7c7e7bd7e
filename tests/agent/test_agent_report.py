# SPDX-License-Identifier: Apache-2.0
"""Reports never hold up the work: they are thinned out, and a lost one is replaced by the next."""

import pytest

from magnum_lite.agent.errors import CallFailed
from magnum_lite.agent.report import LONGEST_MESSAGE, Report, Reporter


class Inbox:
    """Takes reports, or refuses the next ones with the given errors."""

    def __init__(self, *errors: CallFailed) -> None:
        self.errors = list(errors)
        self.messages: list[str] = []

    def report(self, report: Report) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.messages.append(report.message)


def a_report(message: str) -> Report:
    return Report(1, "configuring", message)


def test_progress_that_follows_at_once_waits_for_the_next_report() -> None:
    inbox = Inbox()
    reporter = Reporter(inbox)

    for message in ("first", "second", "third"):
        reporter.progress(a_report(message))
    reporter.flush()

    assert inbox.messages == ["first", "third"]


def test_a_lost_report_waits_and_a_newer_one_takes_its_place() -> None:
    inbox = Inbox(CallFailed("away"))
    reporter = Reporter(inbox)

    reporter.send(a_report("lost"))
    failures = reporter.failures
    reporter.send(a_report("newer"))

    assert failures == 1
    assert (inbox.messages, reporter.failures) == (["newer"], 0)


@pytest.mark.parametrize(("status", "expected"), [(503, ["said"]), (429, ["said"]), (400, []), (404, [])])
def test_a_report_that_will_never_be_taken_is_dropped(status: int, expected: list[str]) -> None:
    inbox = Inbox(CallFailed("refused", status))
    reporter = Reporter(inbox)

    reporter.send(a_report("said"))
    reporter.flush()

    assert inbox.messages == expected


def test_a_message_has_a_bounded_length() -> None:
    assert len(a_report("m" * 5000).to_wire()["message"]) == LONGEST_MESSAGE
