# SPDX-License-Identifier: Apache-2.0
"""What a benchmark prints: a row for each number of clusters, and on what machine it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from costs import Costs, Run
from machine import machine

SERVICES = ("heat", "keystone", "nova", "neutron", "glance")
LINES = 40
RATIO = "x_{}"
Row = dict[str, float]


def row_of(run: Run) -> Row:
    """Give the numbers of a run; what is counted is given per cluster."""
    row: Row = {
        "clusters": run.clusters,
        "accepted_s": run.accepted,
        "complete_s": run.complete,
        "p50_s": quantile(run.durations, 0.50),
        "p99_s": quantile(run.durations, 0.99),
        **_per_cluster(run.creating, run.clusters, ""),
        **_per_cluster(run.deleting, run.clusters, "delete_"),
        "rss_mib": run.memory["now"],
        "rss_peak_mib": run.memory["most"],
    }
    return {name: round(value, 3) for name, value in row.items()}


def table(rows: Sequence[Row], *, masters: int, workers: int) -> str:
    """Lay the rows out beside each other, each value also as a multiple of that of the first row."""
    lines = [f"Clusters of {masters}+{workers} nodes on the pocket cloud; counts are per cluster. {machine()}", ""]
    lines.append(f"{'':24}" + "".join(f"{row['clusters']:>18.0f}" for row in rows))
    for name in rows[0]:
        if name != "clusters":
            lines.append(f"{name.replace('_', ' '):24}" + "".join(_cell(row[name], rows[0][name]) for row in rows))
    return "\n".join(lines)


def details(run: Run) -> str:
    """List the statements and the calls of a run's creates, those made most often first, per cluster."""
    who = Counter[str]()
    for (name, _), count in run.creating.statements.items():
        who[name] += count
    texts = Counter({f"{name}: {text[:150]}": n for (name, text), n in run.creating.statements.items()})
    parts = {"SQL by who": who, "SQL": texts, "calls": run.creating.calls}
    lines = [f"\nPer cluster, of {run.clusters}:"]
    for title, counts in parts.items():
        lines += [f"\n{title}", *(f"{n / run.clusters:9.2f}  {what}" for what, n in counts.most_common(LINES))]
    return "\n".join(lines)


def quantile(values: Sequence[float], part: float) -> float:
    """Give the smallest of the sorted values that at least this part of them do not exceed."""
    return values[max(0, -int(-part * len(values) // 1) - 1)]


def _per_cluster(costs: Costs, clusters: int, prefix: str) -> Row:
    calls = Counter[str]()
    for route, count in costs.calls.items():
        calls[route.partition(" ")[0]] += count
    row = {f"{prefix}sql": costs.statements.total() / clusters}
    row |= {f"{prefix}{service}": calls[service] / clusters for service in SERVICES}
    return row | {f"{prefix}cpu_s": costs.processor_seconds / clusters}


def _cell(value: float, first: float) -> str:
    ratio = f"{value / first:6.2f}x" if first else " " * 7
    return f"{value:10.2f} {ratio}"
