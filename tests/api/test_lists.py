# SPDX-License-Identifier: Apache-2.0
"""Lists of what gabbi files cannot arrange: an operator's limit, services that have died, odd queries."""

from __future__ import annotations

import datetime
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnum_lite.model import Cluster, ClusterTemplate, Quota
from magnum_lite.store import services
from tests.api.service import Service

SOME = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LISTS = ("clusters", "clusters/detail", "clustertemplates", "clustertemplates/detail", "quotas", "labels", "stats")
COLUMNS = sorted({name for row in (Cluster, ClusterTemplate, Quota) for name in vars(row) if not name.startswith("_")})
ARGUMENTS = (
    "limit marker sort_key sort_dir name status health_status cluster_template_id project_id all_tenants driver type"
).split()
WORDS = ["0", "1", "-1", "99999999999999", "asc", "desc", "CREATE_COMPLETE", "UNKNOWN", "True", "k8s", "demo-project"]
queries = st.dictionaries(
    st.sampled_from(ARGUMENTS), st.sampled_from(WORDS) | st.sampled_from(COLUMNS) | st.text(max_size=20), max_size=3
)


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
        services.beat(session, "left", "magnum-conductor", now - datetime.timedelta(seconds=181))
        services.beat(session, "right", "magnum-conductor", now - datetime.timedelta(seconds=100))
    with service.store.write() as session:
        services.beat(session, "right", "magnum-conductor", now)
    left, right = service.call("GET", "/v1/mservices", user="admin").json["mservices"]

    fields = {"id", "host", "binary", "state", "report_count", "disabled", "disabled_reason", "created_at"}
    assert left.keys() == right.keys() == fields | {"updated_at"}
    assert (left["id"], left["host"], left["state"], left["report_count"], left["updated_at"]) == (
        (1, "left", "down", 1, None)
    )
    assert (right["host"], right["state"], right["report_count"]) == ("right", "up", 2)
    assert (right["binary"], right["disabled"], right["disabled_reason"]) == ("magnum-conductor", False, None)
    assert right["updated_at"].endswith("+00:00")


@SOME
@given(path=st.sampled_from(LISTS), query=queries, user=st.sampled_from(["admin", "demo"]))
def test_any_query_is_answered_or_refused(service: Service, path: str, query: dict[str, str], user: str) -> None:
    answer = service.call("GET", f"/v1/{path}?{urlencode(query)}", user=user)

    assert answer.status_code in (200, 400, 403, 404), (path, query, answer.text)


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_list_may_be_sorted_by_any_column_it_names_and_is_read_to_its_end(service: Service, direction: str) -> None:
    template = service.template()
    made = {service.cluster(template, name=f"k{number}") for number in range(3)}
    allowed = service.call("GET", "/v1/clusters?sort_key=none").json["errors"][0]["detail"].partition("one of ")[2]

    for column in allowed.split(", "):
        following = f"/v1/clusters?limit=1&sort_key={column}&sort_dir={direction}"
        parts = []
        while following and len(parts) <= len(made):
            parts.append(service.call("GET", following).json)
            following = parts[-1].get("next")
        assert {part["clusters"][0]["uuid"] for part in parts} == made, column
        assert len(parts) == len(made), column
