# SPDX-License-Identifier: Apache-2.0
"""What was spent on clusters: statements, calls, time and memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Costs:
    """Numbers by what was done: statements by who made them and their text, calls by service, method and route."""

    statements: Counter[tuple[str, str]]
    calls: Counter[str]
    processor_seconds: float

    def until(self, later: Self) -> Costs:
        """Give what was spent between this moment and a later one."""
        return Costs(
            later.statements - self.statements,
            later.calls - self.calls,
            later.processor_seconds - self.processor_seconds,
        )


@dataclass(frozen=True)
class Run:
    """What so many clusters at once took, in seconds and MiB; ``durations`` are sorted, one for each cluster."""

    clusters: int
    accepted: float
    complete: float
    durations: list[float]
    creating: Costs
    deleting: Costs
    memory: Mapping[str, float]
