# SPDX-License-Identifier: Apache-2.0
"""The cluster's names: where they are asked for, by how many, and by whom they are answered."""

from __future__ import annotations

from typing import Any

from tests.drivers.addons import rendered


def items(**labels: str) -> dict[str, Any]:
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in rendered.addons(labels)["coredns"].objects}


def test_names_are_asked_for_at_the_tenth_address_of_services() -> None:
    found = items(service_cluster_ip_range="10.253.0.0/16")

    assert found["Service/kube-dns"]["spec"]["clusterIP"] == "10.253.0.10"


def test_kubelets_tell_pods_the_same_address() -> None:
    place = rendered.place({"service_cluster_ip_range": "10.253.0.0/16"})
    document = rendered.document(place)
    kubelet = next(one.content for one in document.files if one.path == "/etc/kubernetes/kubelet.json")

    assert '"clusterDNS": ["10.253.0.10"]' in kubelet


def test_two_copies_stand_apart_where_they_can_and_one_stays_while_a_node_is_drained() -> None:
    found = items()
    deployment = found["Deployment/coredns"]["spec"]
    apart = deployment["template"]["spec"]["affinity"]["podAntiAffinity"]

    assert deployment["replicas"] == 2
    assert list(apart) == ["preferredDuringSchedulingIgnoredDuringExecution"]
    assert found["PodDisruptionBudget/coredns"]["spec"]["maxUnavailable"] == 1


def test_a_cluster_without_workers_has_names_too() -> None:
    tolerated = items()["Deployment/coredns"]["spec"]["template"]["spec"]["tolerations"]

    assert "node-role.kubernetes.io/control-plane" in {one["key"] for one in tolerated}


def test_the_service_finds_the_pods_and_its_ports_are_theirs() -> None:
    found = items()
    pod, service = found["Deployment/coredns"]["spec"]["template"], found["Service/kube-dns"]["spec"]
    (container,) = pod["spec"]["containers"]

    assert service["selector"].items() <= pod["metadata"]["labels"].items()
    assert {(one["name"], one["port"], one["protocol"]) for one in service["ports"]} == {
        (one["name"], one["containerPort"], one["protocol"]) for one in container["ports"]
    }


def test_what_is_not_the_cluster_s_is_asked_of_whom_the_node_asks() -> None:
    found = items()
    corefile = found["ConfigMap/coredns"]["data"]["Corefile"]

    assert "forward . /etc/resolv.conf" in corefile
    assert found["Deployment/coredns"]["spec"]["template"]["spec"]["dnsPolicy"] == "Default"


def test_every_cluster_has_it_first_rights_of_the_api_server_are_there() -> None:
    (binding,) = rendered.addons()["rbac"].objects

    assert next(iter(rendered.addons())) == "rbac"
    assert binding["roleRef"]["name"] == "system:kubelet-api-admin"
    assert [one["name"] for one in binding["subjects"]] == ["kube-apiserver-kubelet-client"]
