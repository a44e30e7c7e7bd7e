# SPDX-License-Identifier: Apache-2.0
"""The agent's whole way with a node, from its boot files until it is ready."""

import stat

from cryptography import x509

from tests.agent.control_plane import NODE, ControlPlane
from tests.agent.nodes import ETCD_IMAGE, KUBELET_IMAGE, Node

PHASES = "document authorities keys certificates files binaries images membership units ready addons node roles".split()


def test_a_node_becomes_ready_and_says_so(plane: ControlPlane, node: Node) -> None:
    node.agent().run(once=True)

    assert plane.states == ["booting", "configuring", "ready"]
    ready = plane.reports[-1]
    assert ready["generation"] == 1
    assert ready["versions"] == {"etcd": ETCD_IMAGE, "kubelet": KUBELET_IMAGE}
    assert [(phase["name"], phase["state"]) for phase in ready["phases"]] == [
        (name, "complete") for name in [*PHASES, "signal"]
    ]


def test_a_ready_node_has_what_its_document_says(plane: ControlPlane, node: Node) -> None:
    node.agent().run(once=True)

    machine = node.machine()
    assert set(machine["images"]) == {ETCD_IMAGE, KUBELET_IMAGE}
    assert node.starts() == {"prepare.service": 1, "etcd.service": 1, "kubelet.service": 1}
    assert [name for name, unit in machine["units"].items() if unit["is_active"]] == [
        "etcd.service",
        "kubelet.service",
    ]
    assert node.read("/etc/kubernetes/kubelet.json") == '{"address": "127.32.0.10"}\n'
    assert node.read("/etc/etcd/certs/ca.crt") == plane.authorities["etcd"].pem


def test_a_certificate_has_the_subject_and_names_of_its_request(node: Node) -> None:
    node.agent().run(once=True)

    certificate = x509.load_pem_x509_certificate(node.read("/etc/kubernetes/certs/kubelet.crt").encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert certificate.subject.rfc4514_string() == "CN=system:node:k8s-master-0,O=system:nodes"
    assert names.get_values_for_type(x509.DNSName) == ["k8s-master-0"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.32.0.10"]


def test_only_root_reads_keys_and_secrets(node: Node) -> None:
    node.agent().run(once=True)

    private = ["etc/kubernetes/certs/kubelet.key", "etc/etcd/certs/server.key", "etc/kubernetes/kubelet.json"]
    assert [stat.S_IMODE((node.root / path).stat().st_mode) for path in private] == [0o600] * 3


def test_the_first_master_tells_heat_before_it_reports(plane: ControlPlane, node: Node) -> None:
    node.agent().run(once=True)

    assert plane.signals == [{"status": "SUCCESS", "reason": "node k8s-master-0 is ready", "data": "", "id": NODE}]
    assert plane.requests[-2:] == ["signal", "report"]


def test_a_node_without_a_handle_tells_heat_nothing(plane: ControlPlane, node: Node) -> None:
    (node.root / "etc/magnum-lite/signal/url").unlink()

    node.agent().run(once=True)

    assert plane.signals == []
    assert [phase["name"] for phase in plane.reports[-1]["phases"]] == PHASES


def test_an_agent_that_starts_again_changes_nothing(plane: ControlPlane, node: Node) -> None:
    node.agent().run(once=True)
    keys, starts = node.read("/etc/etcd/certs/server.key"), node.starts()

    node.agent().run(once=True)

    assert (node.read("/etc/etcd/certs/server.key"), node.starts()) == (keys, starts)
    assert plane.signed == ["kubelet", "etcd"]
    assert plane.states == ["booting", "configuring", "ready", "ready"]
    assert len(plane.signals) == 1


def test_an_unchanged_document_is_left_alone_until_it_is_time_to_look_after_the_node(
    plane: ControlPlane, node: Node
) -> None:
    agent = node.agent()
    pauses = [agent.turn() for _ in range(4)]

    assert plane.requests.count("document") == 4
    assert plane.states == ["configuring", "ready"]
    assert all(25 <= pause <= 35 for pause in pauses)
