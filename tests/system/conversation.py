# SPDX-License-Identifier: Apache-2.0
"""A program that answers every line it is sent with one line, so that a client is started once for many calls."""

from __future__ import annotations

import json
import selectors
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ANSWER_SECONDS = 120.0
STOP_SECONDS = 15.0
TAIL_CHARACTERS = 3000


class Conversation:
    """A running program that takes a JSON object on a line and gives one back; its complaints go to a file."""

    def __init__(self, command: Sequence[str], complaints: Path, environment: Mapping[str, str]) -> None:
        self._complaints = complaints
        with complaints.open("ab") as errors:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
            )

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Send a question and give the answer; fail when none comes."""
        asking, answering = self._child.stdin, self._child.stdout
        assert asking is not None
        assert answering is not None
        asking.write(json.dumps(question).encode() + b"\n")
        asking.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(answering, selectors.EVENT_READ)
            assert selector.select(ANSWER_SECONDS), f"no answer within {ANSWER_SECONDS:.0f} s to {question}"
        line = answering.readline()
        assert line, f"ended instead of answering: {self._complaints.read_text()[-TAIL_CHARACTERS:]}"
        return dict(json.loads(line))

    def end(self) -> None:
        """Let the program end, as it does when there are no more lines; end it for certain when it does not."""
        try:
            self._child.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.communicate()
