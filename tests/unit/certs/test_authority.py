# SPDX-License-Identifier: Apache-2.0
"""The authorities of a cluster: made once, and what they sign."""

import datetime
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from magnum_lite.agent import x509 as agent
from magnum_lite.certs import authority
from magnum_lite.certs.signee import Signee
from magnum_lite.errors import Forbidden, InvalidCSR, NotFound
from magnum_lite.nodeconf import CertificateRequest
from tests.unit.certs.certificates import MemoryVault, a_csr, verify

CLUSTER = "11111111-2222-4333-8444-555555555555"
ADMIN = Signee("ann-id", "req-1")
DEVELOPER = Signee("ann-id", "req-1", groups=["dev"])
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH

KUBELET = CertificateRequest(
    profile="kubelet",
    authority="kubernetes",
    path="/etc/kubernetes/pki/kubelet",
    common_name="system:node:k8s-worker-0",
    organization="system:nodes",
    dns=("k8s-worker-0",),
    ips=("127.32.0.7",),
)
APISERVER = CertificateRequest("apiserver", "kubernetes", "/x", "kube-apiserver", dns=("kubernetes",))
SCHEDULER = CertificateRequest("scheduler", "kubernetes", "/x", "system:kube-scheduler")
ETCD = CertificateRequest("etcd", "etcd", "/x", "k8s-master-0", ips=("127.32.0.5",))
METRICS_SERVER = CertificateRequest("metrics-server", "kubernetes", "/x", "metrics-server", dns=("metrics-server",))
NODE_EXPORTER = CertificateRequest("node-exporter", "kubernetes", "/x", "node-exporter", ips=("127.32.0.7",))
FRONT_PROXY = CertificateRequest("front-proxy-client", "front-proxy", "/x", "front-proxy-client")


def csr_for(request: CertificateRequest) -> str:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in request.dns]
    names += [x509.IPAddress(ipaddress.ip_address(ip)) for ip in request.ips]
    return a_csr(request.common_name, [request.organization] if request.organization else [], names=names)


@pytest.fixture(scope="module")
def vault() -> MemoryVault:
    vault = MemoryVault()
    authority.ensure(vault, CLUSTER, "k8s", days=3650)
    return vault


def usages(pem: str) -> set[x509.ObjectIdentifier]:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def subject(pem: str) -> str:
    return x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string()


def test_a_cluster_has_three_authorities_of_different_names(vault: MemoryVault) -> None:
    pems = authority.ensure(vault, CLUSTER, "k8s", days=3650)

    assert {kind: f"CN={kind}-ca,OU={CLUSTER},O=k8s" for kind in ("kubernetes", "etcd", "front-proxy")} == {
        kind: subject(pem) for kind, pem in pems.items()
    }


def test_a_second_run_finds_the_same_authorities(vault: MemoryVault) -> None:
    once = authority.ensure(vault, CLUSTER, "k8s", days=3650)

    assert once == authority.ensure(vault, CLUSTER, "k8s", days=3650)


def test_a_run_that_was_cut_is_finished_and_keeps_what_it_made() -> None:
    vault = MemoryVault()
    before = authority.ensure(vault, CLUSTER, "k8s", days=3650)
    vault.remove(f"{CLUSTER}-ca-etcd")

    after = authority.ensure(vault, CLUSTER, "k8s", days=3650)

    assert {"etcd"} == {kind for kind in after if after[kind] != before[kind]}


def test_no_private_key_is_given_out(vault: MemoryVault) -> None:
    pems = authority.ensure(vault, CLUSTER, "k8s", days=3650)

    assert [kind for kind, pem in pems.items() if "PRIVATE" in pem] == []


@pytest.mark.parametrize("request_", [KUBELET, APISERVER, SCHEDULER, ETCD, FRONT_PROXY])
def test_a_nodes_certificate_is_of_the_authority_it_asks_for(
    tmp_path: Path, vault: MemoryVault, request_: CertificateRequest
) -> None:
    leaf = authority.sign_for_node(vault, CLUSTER, request_, csr_for(request_), days=365)

    ca = authority.ensure(vault, CLUSTER, "k8s", days=3650)[request_.authority]
    assert verify(tmp_path, ca, leaf).stdout == "leaf.pem: OK\n"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (KUBELET, {CLIENT, SERVER}),
        (APISERVER, {SERVER}),
        (METRICS_SERVER, {SERVER}),
        (NODE_EXPORTER, {SERVER}),
        (SCHEDULER, {CLIENT}),
        (ETCD, {CLIENT, SERVER}),
        (FRONT_PROXY, {CLIENT}),
    ],
)
def test_a_nodes_certificate_serves_only_what_its_profile_needs(
    vault: MemoryVault, request_: CertificateRequest, expected: set[x509.ObjectIdentifier]
) -> None:
    leaf = authority.sign_for_node(vault, CLUSTER, request_, csr_for(request_), days=365)

    assert expected == usages(leaf)


@pytest.mark.parametrize("request_", [KUBELET, APISERVER, SCHEDULER, ETCD, FRONT_PROXY])
def test_the_agent_is_content_with_what_it_gets(vault: MemoryVault, request_: CertificateRequest) -> None:
    key = agent.new_key()

    leaf = authority.sign_for_node(vault, CLUSTER, request_, agent.signing_request(request_, key), days=365)

    ca = authority.ensure(vault, CLUSTER, "k8s", days=3650)[request_.authority]
    now = datetime.datetime.now(datetime.UTC)
    checked = agent.check_certificate(leaf.encode(), request_, key=key, authorities=ca, now=now)
    assert agent.is_long_valid(checked, now)


def test_a_node_does_not_get_the_certificate_of_another(vault: MemoryVault) -> None:
    with pytest.raises(InvalidCSR, match="k8s-worker-0"):
        authority.sign_for_node(vault, CLUSTER, KUBELET, a_csr("system:node:k8s-worker-1"), days=365)


def test_a_user_gets_a_clients_certificate(vault: MemoryVault) -> None:
    csr = a_csr("admin", ["system:masters"])

    leaf = authority.sign_for_user(vault, CLUSTER, "kubernetes", csr, ADMIN, days=365)

    assert ("CN=admin,O=system:masters", {CLIENT}) == (subject(leaf), usages(leaf))


@pytest.mark.parametrize("kind", ["etcd", "front-proxy"])
def test_a_limited_user_gets_nothing_from_the_inner_authorities(vault: MemoryVault, kind: str) -> None:
    with pytest.raises(Forbidden, match=kind):
        authority.sign_for_user(vault, CLUSTER, kind, a_csr("ann"), DEVELOPER, days=365)


def test_an_administrator_gets_a_client_of_etcd(vault: MemoryVault) -> None:
    leaf = authority.sign_for_user(vault, CLUSTER, "etcd", a_csr("root"), ADMIN, days=365)

    assert {CLIENT} == usages(leaf)


def test_nothing_is_signed_before_there_is_an_authority() -> None:
    with pytest.raises(NotFound):
        authority.sign_for_node(MemoryVault(), CLUSTER, KUBELET, csr_for(KUBELET), days=365)
