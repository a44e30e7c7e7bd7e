# SPDX-License-Identifier: Apache-2.0
"""What a cluster costs does not depend on how many others are made at the same time: tools/bench/create.py tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "tools" / "bench" / "create.py"
# 100 take some minutes on two cores, because every node is a process that makes its own keys.
MANY = int(os.environ.get("BENCH_CLUSTERS", "30"))
FEW, MORE = 3, 12
SECONDS = 900
MOST_MEBIBYTES = 400
GROWTH = 1.3
"""Heat and the API are asked again while something is slow, and twelve at once are slower than three."""

Row = dict[str, float]


def bench(folder: Path, clusters: str, *arguments: str) -> list[Row]:
    """Give the rows the benchmark found; it ends with an error unless all clusters were complete, and gone at last."""
    found = folder / "rows.json"
    command = [sys.executable, str(BENCH), "--clusters", clusters, "--json", str(found), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    rows: list[Row] = json.loads(found.read_text())
    return rows


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return bench(tmp_path_factory.mktemp("bench"), f"{FEW},{MORE},{MANY}")


@pytest.mark.parametrize("cost", ["sql", "heat", "delete_sql", "delete_heat"])
def test_what_a_cluster_costs_does_not_grow_with_their_number(rows: list[Row], cost: str) -> None:
    few, more, _ = rows

    assert 0 < more[cost] <= GROWTH * few[cost]


@pytest.mark.parametrize("service", ["keystone", "nova", "neutron", "glance"])
def test_other_services_are_asked_the_same_for_every_cluster(rows: list[Row], service: str) -> None:
    assert len({row[service] for row in rows}) == 1


def test_many_clusters_at_once_are_all_complete_and_fit_into_memory(rows: list[Row]) -> None:
    assert rows[-1]["clusters"] == MANY
    assert 0 < rows[-1]["rss_peak_mib"] < MOST_MEBIBYTES


def test_with_services_apart_and_a_broker_between_costs_do_not_grow_either(tmp_path: Path, rabbitmq_url: str) -> None:
    few, more = bench(tmp_path, "1,4", "--transport-url", rabbitmq_url)

    assert 0 < more["sql"] <= GROWTH * few["sql"]
    assert 0 < more["heat"] <= GROWTH * few["heat"]
