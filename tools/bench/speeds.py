# SPDX-License-Identifier: Apache-2.0
"""How fast the API answers: the rows that are measured, and the tables that are printed of them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from client import Timing
from figures import quantile

HEAD = ("operation", "clients", "requests", "per second", "p50 ms", "p99 ms", "rate x 1 client", "SQL each")
WIDTHS = (18, 9, 10, 12, 10, 10, 17, 10)


@dataclass(frozen=True)
class Speed:
    """One figure; ``sql`` is how many SQL statements a request makes."""

    database: str
    operation: str
    clients: int
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    sql: float

    @classmethod
    def of(cls, runs: Sequence[Timing], *, database: str, operation: str, clients: int, sql: float) -> Speed:
        """Sum up what was measured several times: the median of every number."""

        def median(values: Sequence[float]) -> float:
            return round(statistics.median(values), 2)

        return cls(
            database,
            operation,
            clients,
            requests=sum(len(run.latencies) for run in runs),
            per_second=median([run.rate for run in runs]),
            p50_ms=median([quantile(run.latencies, 0.50) * 1000 for run in runs]),
            p99_ms=median([quantile(run.latencies, 0.99) * 1000 for run in runs]),
            sql=sql,
        )

    def row(self) -> dict[str, Any]:
        return asdict(self)


def table(speeds: Sequence[Speed]) -> str:
    """Lay out the figures of one database; each rate also as a multiple of that of one client."""
    alone = {speed.operation: speed.per_second for speed in speeds if speed.clients == 1}
    lines = [_line(HEAD)]
    for speed in speeds:
        ratio = f"{speed.per_second / alone[speed.operation]:.2f}"
        cells = (speed.per_second, speed.p50_ms, speed.p99_ms)
        shown = [f"{cell:.1f}" for cell in cells]
        lines.append(_line((speed.operation, speed.clients, speed.requests, *shown, ratio, f"{speed.sql:g}")))
    return "\n".join(lines)


def compared(first: Sequence[Speed], second: Sequence[Speed]) -> str:
    """Lay out the figures of one database as multiples of those of another."""
    lines = [_line(("operation", "clients", "", "per second", "p50", "p99"))]
    for one, other in zip(first, second, strict=True):
        ratios = (
            one.per_second / other.per_second,
            one.p50_ms / other.p50_ms,
            one.p99_ms / other.p99_ms,
        )
        lines.append(_line((one.operation, one.clients, "", *(f"{ratio:.2f}x" for ratio in ratios))))
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    first, *rest = zip(cells, WIDTHS, strict=False)
    return (f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in rest)).rstrip()
