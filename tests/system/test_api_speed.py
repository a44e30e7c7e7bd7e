# SPDX-License-Identifier: Apache-2.0
"""tools/bench/api.py finds out how fast the API answers: here whether all of it is answered, never how fast."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parents[2] / "tools" / "bench" / "api.py"
SECONDS = 600
OPERATIONS = ("GET one cluster", "list 100", "list 1000", "health PATCH", "POST cluster")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    """What a quick run prints and writes; it ends with an error unless every answer has the right status."""
    found = tmp_path_factory.mktemp("bench") / "rows.json"
    done = bench("--quick", "--json", str(found))
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(found.read_text())


def test_every_operation_is_answered_to_one_client_and_to_eight(quick: tuple[str, list[dict[str, Any]]]) -> None:
    _, rows = quick

    assert [(row["operation"], row["clients"]) for row in rows] == [(name, n) for name in OPERATIONS for n in (1, 8)]
    assert all(row["database"] == "sqlite" and row["requests"] > 0 for row in rows)


def test_every_figure_is_there(quick: tuple[str, list[dict[str, Any]]]) -> None:
    printed, rows = quick

    assert all(row["per_second"] > 0 and 0 < row["p50_ms"] <= row["p99_ms"] and row["sql"] > 0 for row in rows)
    assert all(printed.count(f"\n{name} ") == 2 for name in OPERATIONS)


def test_what_is_read_costs_the_statements_it_may(quick: tuple[str, list[dict[str, Any]]]) -> None:
    _, rows = quick
    sql = {row["operation"]: row["sql"] for row in rows}

    assert sql["GET one cluster"] <= 2
    assert max(sql["list 100"], sql["list 1000"]) <= 3


def test_a_refused_request_ends_the_bench_with_its_text() -> None:
    done = bench("--quick", "--set", "quotas.max_clusters_per_project=1")

    assert (done.returncode, done.stdout) == (1, "")
    assert "POST /v1/clusters HTTP/1.1 was answered with something else than 202:" in done.stderr
    assert '"code": "quota-exceeded"' in done.stderr
