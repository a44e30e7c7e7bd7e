# SPDX-License-Identifier: Apache-2.0
"""Lists of what gabbi files cannot arrange: an operator's limit, and services that have died."""

from __future__ import annotations

import datetime

import pytest

from magnum_lite.store import services
from tests.api.service import Service


@pytest.mark.parametrize("path", ["/v1/clusters", "/v1/clusters/detail", "/v1/clustertemplates"])
def test_more_than_the_operators_limit_is_cut_to_it_and_goes_on(service: Service, path: str) -> None:
    service.conf.set_override("max_limit", 2, group="api")
    template = service.template()
    for _ in range(2):
        service.cluster(template)
        service.template()
    service.cluster(template)
    kind = path.split("/")[2]

    first = service.call("GET", f"{path}?limit=50").json
    rest = service.call("GET", first["next"]).json
    found = [row["uuid"] for part in (first, rest) for row in part[kind]]

    assert ("&limit=2&" in first["next"], len(first[kind]), "next" in rest) == (True, 2, False)
    assert len(set(found)) == 3


def test_a_following_part_is_where_the_proxy_in_front_of_us_is(service: Service) -> None:
    service.conf.set_override("enable_proxy_headers_parsing", True, group="oslo_middleware")
    for _ in range(2):
        service.template()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cloud.example", "X-Forwarded-Prefix": "/magnum"}
    answer = service.call("GET", "/v1/clustertemplates?limit=1", headers=headers)

    assert answer.json["next"].startswith("https://cloud.example/magnum/v1/clustertemplates?")


def test_a_service_that_has_been_silent_for_too_long_is_down(service: Service) -> None:
    now = datetime.datetime.now(datetime.UTC)
    with service.store.write() as session:
        services.beat(session, "left", "magnum-lite-conductor", now - datetime.timedelta(seconds=181))
        services.beat(session, "right", "magnum-lite-conductor", now - datetime.timedelta(seconds=100))
    with service.store.write() as session:
        services.beat(session, "right", "magnum-lite-conductor", now)
    left, right = service.call("GET", "/v1/mservices", user="admin").json["mservices"]

    fields = {"id", "host", "binary", "state", "report_count", "disabled", "disabled_reason", "created_at"}
    assert left.keys() == right.keys() == fields | {"updated_at"}
    assert (left["id"], left["host"], left["state"], left["report_count"], left["updated_at"]) == (
        (1, "left", "down", 1, None)
    )
    assert (right["host"], right["state"], right["report_count"]) == ("right", "up", 2)
    assert (right["binary"], right["disabled"], right["disabled_reason"]) == ("magnum-lite-conductor", False, None)
    assert right["updated_at"].endswith("+00:00")
