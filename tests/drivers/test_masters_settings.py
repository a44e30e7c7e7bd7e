# SPDX-License-Identifier: Apache-2.0
"""How the parts of Kubernetes are set: encrypted, on secure ports, with what the network and the cloud need."""

import pytest

from magnum_lite.drivers.k8s_fcos.components import READY
from tests.drivers import clusters, masters

CIPHERS = (
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
KUBE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


@pytest.mark.parametrize("name", KUBE)
def test_kubernetes_speaks_modern_tls_alone(name: str) -> None:
    found = masters.flags(masters.of_master(clusters.a_built_cluster()), name)

    assert found["tls-min-version"] == "VersionTLS12"
    assert tuple(found["tls-cipher-suites"].split(",")) == CIPHERS


def test_etcd_and_the_kubelet_speak_the_same_tls() -> None:
    document = masters.of_master(clusters.a_built_cluster())
    etcd, kubelet = masters.flags(document, "etcd"), masters.json_of(document, "/etc/kubernetes/kubelet.json")

    assert (etcd["tls-min-version"], tuple(etcd["cipher-suites"].split(","))) == ("TLS1.2", CIPHERS)
    assert (kubelet["tlsMinVersion"], tuple(kubelet["tlsCipherSuites"])) == ("VersionTLS12", CIPHERS)


@pytest.mark.parametrize("name", masters.CONTROL_PLANE)
def test_nothing_listens_without_tls_but_etcds_metrics_on_loopback(name: str) -> None:
    found = masters.flags(masters.of_master(clusters.a_built_cluster()), name)
    in_clear = {flag: value for flag, value in found.items() if "http://" in value}

    assert in_clear == ({"listen-metrics-urls": "http://127.0.0.1:2381"} if name == "etcd" else {})
    assert not any(flag.startswith("insecure") for flag in found)


@pytest.mark.parametrize("name", KUBE)
def test_a_part_is_probed_where_it_listens_with_its_own_certificate(name: str) -> None:
    found = masters.flags(masters.of_master(clusters.a_built_cluster()), name)

    assert READY[name].startswith(f"https://127.0.0.1:{found['secure-port']}/")
    assert found["tls-cert-file"].startswith("/etc/kubernetes/pki/")
    assert "cert-dir" not in found


@pytest.mark.parametrize("name", ["kube-controller-manager", "kube-scheduler"])
def test_what_only_this_node_asks_listens_on_loopback(name: str) -> None:
    found = masters.flags(masters.of_master(clusters.a_built_cluster()), name)

    assert found["bind-address"] == "127.0.0.1"


@pytest.mark.parametrize(("driver", "allocates"), [("calico", "false"), ("flannel", "true")])
def test_nodes_have_their_pods_addresses_from_one_side_alone(driver: str, allocates: str) -> None:
    cluster = clusters.a_built_cluster()
    cluster.network_driver = driver

    found = masters.flags(masters.of_master(cluster), "kube-controller-manager")

    assert (found["allocate-node-cidrs"], found["node-cidr-mask-size"]) == (allocates, "24")


def test_nobody_in_the_cluster_signs_certificates() -> None:
    document = masters.of_master(clusters.a_built_cluster())
    found = masters.flags(document, "kube-controller-manager")

    assert "-certificatesigningrequest-signing-controller" in found["controllers"].split(",")
    assert not any(flag.startswith("cluster-signing") for flag in found)
    assert "kubernetes-ca.key" not in "".join(unit.content for unit in document.units)


def test_a_master_keeps_more_for_what_is_no_pod_and_users_pods_away() -> None:
    cluster = clusters.a_built_cluster()
    worker = clusters.driver().node_document(cluster, cluster.workers[0], clusters.secrets())

    of_master = masters.json_of(masters.of_master(cluster), "/etc/kubernetes/kubelet.json")
    of_worker = masters.json_of(worker, "/etc/kubernetes/kubelet.json")

    assert (of_master["systemReserved"]["memory"], of_worker["systemReserved"]["memory"]) == ("1Gi", "256Mi")
    assert [one["effect"] for one in of_master["registerWithTaints"]] == ["NoSchedule"]
    assert "registerWithTaints" not in of_worker


def test_the_service_proxy_asks_as_itself() -> None:
    document = masters.of_master(clusters.a_built_cluster())
    settings = masters.json_of(document, "/etc/kubernetes/kube-proxy.json")
    kubeconfig = masters.json_of(document, settings["clientConnection"]["kubeconfig"])

    assert kubeconfig["users"][0]["user"]["client-certificate"] == "/etc/kubernetes/pki/kube-proxy.crt"


def test_anonymous_users_may_see_health_alone() -> None:
    document = masters.of_master(clusters.a_built_cluster())
    text = masters.text_of(document, "/etc/kubernetes/apiserver/authentication.yaml")

    assert "anonymous-auth" not in masters.flags(document, "kube-apiserver")
    assert [line.split()[-1] for line in text.splitlines() if "path:" in line] == ["/livez", "/readyz", "/healthz"]
