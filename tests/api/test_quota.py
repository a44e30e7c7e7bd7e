# SPDX-License-Identifier: Apache-2.0
"""The quota of clusters, counted where the cluster is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

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
