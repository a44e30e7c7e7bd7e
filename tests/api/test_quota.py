# SPDX-License-Identifier: Apache-2.0
"""The quota of clusters, counted where the cluster is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnum_lite.errors import CloudError, Forbidden, MagnumLiteError
from tests.api.service import Service, error_of


def test_a_full_quota_refuses_the_cluster(service: Service) -> None:
    service.conf.set_override("max_clusters_per_project", 1, group="quotas")
    template = service.template()
    service.cluster(template)
    answer = service.call("POST", "/v1/clusters", {"name": "more", "cluster_template_id": template})

    assert answer.status_code == 403
    assert error_of(answer)["code"] == "quota-exceeded"
    assert service.row_counts()["cluster"] == 1


def test_clusters_of_other_projects_do_not_count(service: Service) -> None:
    service.conf.set_override("max_clusters_per_project", 1, group="quotas")
    service.cluster()
    service.cluster(user="other")

    assert service.row_counts()["cluster"] == 2


def test_creates_at_the_same_time_do_not_get_past_it(service: Service) -> None:
    service.conf.set_override("max_clusters_per_project", 3, group="quotas")
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: service.call("POST", "/v1/clusters", wish).status_code, range(12)))

    assert sorted(answers) == [202] * 3 + [403] * 9
    assert service.row_counts()["cluster"] == 3


def test_a_new_quota_looks_up_its_project_once(service: Service) -> None:
    service.call("POST", "/v1/quotas", {"project_id": "demo-project"}, user="admin")

    assert service.clouds.looks == [("project", "demo-project")]


@pytest.mark.parametrize(
    ("refusal", "status"), [(Forbidden("no"), 403), (CloudError("keystone", "away", retriable=True), 503)]
)
def test_a_quota_whose_project_cannot_be_looked_up_is_not_set(
    service: Service, refusal: MagnumLiteError, status: int
) -> None:
    service.clouds.refusal = refusal
    answer = service.call("POST", "/v1/quotas", {"project_id": "demo-project"}, user="admin")

    assert answer.status_code == status
    assert service.call("GET", "/v1/quotas?all_tenants=1", user="admin").json == {"quotas": []}


def test_a_quota_that_is_set_counts_at_once_and_the_default_again_once_it_is_gone(service: Service) -> None:
    service.conf.set_override("max_clusters_per_project", 1, group="quotas")
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    quota = "/v1/quotas/demo-project/Cluster"
    answers = [
        service.call("POST", "/v1/clusters", wish),
        service.call("POST", "/v1/quotas", {"project_id": "demo-project", "hard_limit": 2}, user="admin"),
        service.call("POST", "/v1/clusters", wish),
        service.call("PATCH", quota, {"hard_limit": 3}, user="admin"),
        service.call("POST", "/v1/clusters", wish),
        service.call("DELETE", quota, user="admin"),
        service.call("POST", "/v1/clusters", wish),
    ]

    assert [answer.status_code for answer in answers] == [202, 201, 202, 202, 202, 204, 403]


def test_who_lists_quotas_by_an_operators_policy_still_sees_none_of_other_projects(
    service: Service, tmp_path: Path
) -> None:
    folder = tmp_path / "policy.d"
    folder.mkdir()
    (folder / "members.yaml").write_text('"quota:get_all": "role:member"\n')
    service.conf.set_override("policy_dirs", [str(folder)], group="oslo_policy")
    answers = [service.call("GET", f"/v1/quotas{query}") for query in ("", "?all_tenants=1")]

    assert [answer.status_code for answer in answers] == [200, 403]
    assert "quota:get_all_all_projects" in error_of(answers[1])["title"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["project_id", "resource", "hard_limit", "id"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.none()),
    ),
    path=st.sampled_from(["/v1/quotas", "/v1/quotas/demo-project/Cluster"]),
)
def test_a_quota_of_anything_is_set_or_refused(service: Service, fields: dict[str, Any], path: str) -> None:
    method = "POST" if path == "/v1/quotas" else "PATCH"
    answer = service.call(method, path, {"project_id": "demo-project", **fields}, user="admin")

    assert answer.status_code in (201, 202, 400, 404, 409), (fields, answer.text)
