# SPDX-License-Identifier: Apache-2.0
"""The metrics server knows the kubelets that it asks, and is known by the API server that asks it."""

from __future__ import annotations

import base64

import pytest

from tests.drivers import clusters
from tests.drivers.addons import objects, rendered

NAME = "metrics-server"


def arguments() -> list[str]:
    found: list[str] = objects.container(objects.addon(NAME), NAME)["args"]
    return found


def test_kubelets_show_certificates_of_the_cluster_s_authority() -> None:
    assert "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt" in arguments()
    assert not [one for one in arguments() if "insecure" in one]


def test_the_api_server_knows_it_by_the_cluster_s_authority() -> None:
    spec = objects.found(objects.addon(NAME), "APIService")["spec"]

    assert base64.b64decode(spec["caBundle"]).decode() == rendered.secrets().authorities["kubernetes"]
    assert "insecureSkipTLSVerify" not in spec


def test_masters_alone_have_its_certificate_and_it_runs_on_them() -> None:
    cluster = clusters.a_built_cluster()
    requests = {
        node.role: [
            one for one in rendered.requests(cluster, node) if one.profile == NAME and one.authority == "kubernetes"
        ]
        for node in cluster.nodes
    }
    specification = objects.pod(objects.addon(NAME))

    assert requests["worker"] == []
    assert [one.dns for one in requests["master"]] == [("metrics-server.kube-system.svc",)]
    assert specification["nodeSelector"] == {"node-role.kubernetes.io/control-plane": ""}
    assert specification["volumes"][0]["hostPath"]["path"] == requests["master"][0].path.rpartition("/")[0]


@pytest.mark.parametrize(("masters", "expected"), [(1, 1), (3, 2), (5, 2)])
def test_there_are_two_where_there_are_masters_for_them(masters: int, expected: int) -> None:
    one = rendered.addons(request={"master_count": masters})[NAME]

    assert objects.found(one, "Deployment")["spec"]["replicas"] == expected


def test_whoever_may_view_a_namespace_may_see_what_its_pods_use() -> None:
    role = objects.found(objects.addon(NAME), "ClusterRole", "magnum-lite:metrics-reader")

    assert role["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-view"] == "true"
    assert role["rules"] == [
        {"apiGroups": ["metrics.k8s.io"], "resources": ["nodes", "pods"], "verbs": ["get", "list", "watch"]}
    ]


def test_a_label_switches_it_off_with_its_certificates() -> None:
    labels = {"metrics_server_enabled": "false"}
    cluster = clusters.a_built_cluster(labels=labels)

    assert NAME not in rendered.addons(labels)
    assert NAME not in {one.profile for one in rendered.requests(cluster, cluster.masters[0])}
