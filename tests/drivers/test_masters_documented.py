# SPDX-License-Identifier: Apache-2.0
"""What the documentation says of a cluster's security is so."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

import magnum_lite
from tests.drivers import clusters

PACKAGE = Path(magnum_lite.__file__).parent
PAGE = (PACKAGE.parent / "doc" / "source" / "security.rst").read_text()
LITERAL = re.compile(r"``([^`]+)``")
CERTIFICATE = re.compile(r"``([\w-]+)`` of ``([\w-]+)``")


def rows(columns: int) -> list[list[str]]:
    """Give the rows of every table with so many columns, without its head."""
    lines = [line.strip() for line in PAGE.splitlines() if line.startswith('   "')]
    found = csv.reader(lines, skipinitialspace=True)
    return [row for row in found if len(row) == columns]


CONTROLS = rows(4)
CONNECTIONS = rows(3)


@pytest.mark.parametrize("row", CONTROLS, ids=lambda row: row[0])
def test_a_control_is_set_where_the_page_says(row: list[str]) -> None:
    (setting,), (path,) = LITERAL.findall(row[2]), LITERAL.findall(row[3])
    lines = (PACKAGE / path).read_text().splitlines()
    text = "\n".join(line for line in lines if not line.strip().startswith("#"))

    assert (setting in text) is not row[2].startswith("no ")


def test_the_page_has_the_controls_of_all_parts() -> None:
    sections = {row[0].partition(".")[0] for row in CONTROLS}

    assert sections == {"1", "2", "3", "4", "5"}
    assert len(CONTROLS) > 50


@pytest.mark.parametrize("row", CONNECTIONS, ids=lambda row: row[0])
def test_a_connection_is_proved_by_certificates_that_masters_have(row: list[str]) -> None:
    cluster = clusters.a_built_cluster()
    known = {
        (one.profile, one.authority): one for one in clusters.driver().certificate_requests(cluster, cluster.masters[0])
    }
    served = CERTIFICATE.findall(row[1])

    assert set(served) | set(CERTIFICATE.findall(row[2])) <= known.keys()
    assert all(known[one].ips for one in served)


def test_every_certificate_of_kubernetes_own_parts_is_on_the_page() -> None:
    cluster = clusters.a_built_cluster()
    told = {profile for row in CONNECTIONS for cell in row[1:] for profile, _ in CERTIFICATE.findall(cell)}
    of_addons = {"metrics-server", "node-exporter", "prometheus"}

    wanted = {one.profile for one in clusters.driver().certificate_requests(cluster, cluster.masters[0])}
    assert wanted - of_addons == told
