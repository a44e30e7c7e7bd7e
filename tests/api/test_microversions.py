# SPDX-License-Identifier: Apache-2.0
"""What is there at which microversion: the route table, held against Magnum's history."""

from __future__ import annotations

import pytest

from magnum_lite.api.root import TABLE
from magnum_lite.api.versions import HISTORY, MINIMUM, Version
from tests.api.service import Service, error_of

# What Magnum gates; clients that name no version use statistics, quotas and new authorities all the same.
SINCE = {
    "POST /v1/clusters/{ident}/actions/resize": "1.7",
    "POST /v1/clusters/{ident}/actions/upgrade": "1.8",
    "GET /v1/clusters/{ident}/nodegroups": "1.9",
    "POST /v1/clusters/{ident}/nodegroups": "1.9",
    "GET /v1/clusters/{ident}/nodegroups/{nodegroup}": "1.9",
    "PATCH /v1/clusters/{ident}/nodegroups/{nodegroup}": "1.9",
    "DELETE /v1/clusters/{ident}/nodegroups/{nodegroup}": "1.9",
    "PATCH /v1/credentials/{ident}": "1.12",
}


def test_the_table_gates_what_magnum_gates() -> None:
    gated = {f"{route.method} {route.path}": str(route.since) for route in TABLE.routes if route.since > MINIMUM}

    assert gated == SINCE


@pytest.mark.parametrize("version", HISTORY, ids=str)
@pytest.mark.parametrize("route", SINCE)
def test_a_route_is_there_from_its_version_on(service: Service, route: str, version: Version) -> None:
    method, path = route.split(" ")
    answer = service.call(method, path.format(ident="none-such", nodegroup="x"), [], version=str(version))

    if version < Version.parse(SINCE[route]):
        assert (answer.status_code, error_of(answer)["min_version"]) == (406, "1.1")
        assert f"from microversion {SINCE[route]} on" in error_of(answer)["title"]
    else:
        assert answer.status_code in (400, 404)
    assert answer.headers["OpenStack-API-Version"] == f"container-infrastructure-management {version}"
    assert answer.headers["Vary"] == "OpenStack-API-Version"


@pytest.mark.parametrize("version", [*map(str, HISTORY), "latest", None])
def test_a_cluster_names_its_stack_at_every_version(service: Service, version: str | None) -> None:
    cluster = service.finished()
    shown = [
        service.call("GET", f"/v1/clusters/{cluster}", version=version).json,
        service.call("GET", "/v1/clusters", version=version).json["clusters"][0],
        service.call("GET", "/v1/clusters/detail", version=version).json["clusters"][0],
    ]

    is_newer = version in ("1.13", "1.14", "latest")
    assert {one["stack_id"] for one in shown} == {service.rows(cluster).stack_id}
    assert [one.get("cluster_id") for one in shown] == [shown[0]["stack_id"] if is_newer else None] * 3
