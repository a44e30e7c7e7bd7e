# SPDX-License-Identifier: Apache-2.0
"""Programs of the machine run without a shell, in time, and a failed one is quoted."""

from __future__ import annotations

import time

import pytest

from magnum_lite.agent.commands import LONGEST_TEXT, PATH, Commands
from magnum_lite.agent.errors import HostFailed


def test_a_program_gets_its_words_as_they_are() -> None:
    output = Commands().run("printf", "%s\n", "$(id) `id` ; id > /tmp/x")

    assert output.out == "$(id) `id` ; id > /tmp/x\n"


def test_a_failed_program_is_quoted_by_its_last_lines() -> None:
    with pytest.raises(HostFailed) as failure:
        Commands().run("sh", "-c", "seq 1 100 >&2; exit 7")

    assert failure.value.message == "sh -c seq 1 100 >&2; exit 7 ended with 7: 98 / 99 / 100"


def test_a_quotation_is_short() -> None:
    output = Commands().run("head", "-c", "100000", "/dev/zero")

    assert len(output.last_words()) == LONGEST_TEXT


def test_an_expected_end_is_no_failure() -> None:
    assert Commands().run("false", may_end_with=(0, 1)).code == 1


def test_a_program_that_does_not_end_is_ended() -> None:
    begun = time.monotonic()

    with pytest.raises(HostFailed, match=r"sleep 60 did not end within 0\.1 seconds"):
        Commands().run("sleep", "60", seconds=0.1)

    assert time.monotonic() - begun < 10


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(HostFailed, match="no-such-program cannot be run: No such file or directory"):
        Commands().run("no-such-program")


def test_a_program_sees_the_proxies_and_nothing_else_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("AGENT_SECRET", "secret")

    seen = set(Commands().run("env").out.split())

    assert seen == {f"PATH={PATH}", "LC_ALL=C.UTF-8", "HTTPS_PROXY=http://proxy.example:3128"}


def test_a_machine_around_a_container_is_reached_through_its_first_process() -> None:
    assert Commands.inside(1).prefix[:3] == ("nsenter", "--target", "1")
