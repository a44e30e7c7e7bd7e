# SPDX-License-Identifier: Apache-2.0
"""The agent's whole way with a node, from its boot files to ready or failed, and with every change after that."""

import stat
from dataclasses import replace

import pytest
from cryptography import x509

from magnum_lite.agent import loop
from magnum_lite.agent.pace import Backoff
from magnum_lite.nodeconf import File
from tests.agent.authority import Authority
from tests.agent.control_plane import NODE, ControlPlane
from tests.agent.nodes import ETCD_IMAGE, KUBELET_IMAGE, Node, a_document

PHASES = ["document", "authorities", "keys", "certificates", "files", "images", "units", "ready"]


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


def test_a_unit_that_died_runs_again_at_the_next_look(plane: ControlPlane, node: Node) -> None:
    node.poll_seconds = 0.01
    node.boot()
    agent = node.agent()
    agent.turn()
    node.host.stop("kubelet.service")

    node.pace.wait(0.06)
    agent.turn()

    assert node.starts() == {"prepare.service": 1, "etcd.service": 1, "kubelet.service": 2}
    assert plane.states[-2:] == ["ready", "ready"]


def test_a_changed_file_restarts_the_units_that_read_it_and_no_other(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    files = {file.path: file for file in plane.document.files}
    changed = replace(files["/etc/kubernetes/kubelet.json"], content='{"address": "0.0.0.0"}\n')
    files[changed.path] = changed
    plane.document = replace(plane.document, generation=2, files=tuple(files.values()))

    agent.turn()

    # The unit names kubelet.env, and kubelet.env names kubelet.json.
    assert node.starts() == {"prepare.service": 1, "etcd.service": 1, "kubelet.service": 2}
    assert [(report["state"], report["generation"]) for report in plane.reports[-2:]] == [
        ("configuring", 2),
        ("ready", 2),
    ]


def test_a_new_image_restarts_its_unit(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    image = "registry.example/etcd:v3.6.9@sha256:" + "f" * 64
    units = tuple(replace(unit, image=image) if unit.image == ETCD_IMAGE else unit for unit in plane.document.units)
    plane.document = replace(plane.document, generation=2, units=units)

    agent.turn()

    assert node.starts() == {"prepare.service": 1, "etcd.service": 2, "kubelet.service": 1}
    assert node.machine()["units"]["etcd.service"]["image"] == image


def test_units_and_files_that_left_the_document_are_removed(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    files = tuple(file for file in plane.document.files if file.path != "/etc/etcd/etcd.env")
    units = tuple(unit for unit in plane.document.units if unit.name != "etcd.service")
    plane.document = replace(plane.document, generation=2, files=files, units=units)

    agent.turn()

    assert set(node.starts()) == {"prepare.service", "kubelet.service"}
    assert not (node.root / "etc/systemd/system/etcd.service").exists()
    assert not (node.root / "etc/etcd/etcd.env").exists()
    assert (node.root / "etc/magnum-lite/node.json").exists()


def test_a_renewed_certificate_keeps_its_key_and_restarts_its_unit(plane: ControlPlane, node: Node) -> None:
    plane.authorities["etcd"].begun_days, plane.authorities["etcd"].valid_days = 10.0, 4.0
    node.agent().run(once=True)
    key, old = node.read("/etc/etcd/certs/server.key"), node.read("/etc/etcd/certs/server.crt")
    plane.authorities["etcd"].begun_days, plane.authorities["etcd"].valid_days = 0.0, 365.0

    node.agent().run(once=True)

    assert node.read("/etc/etcd/certs/server.key") == key
    assert node.read("/etc/etcd/certs/server.crt") != old
    assert plane.signed == ["kubelet", "etcd", "etcd"]
    assert node.starts() == {"prepare.service": 1, "etcd.service": 2, "kubelet.service": 1}


def test_a_node_whose_document_is_not_ready_asks_again_soon(plane: ControlPlane, node: Node) -> None:
    document, plane.document = plane.document, None
    agent = node.agent()

    pauses = [agent.turn() for _ in range(12)]

    assert pauses[0] < 0.25
    assert 4.0 < pauses[-1] < 6.0
    plane.document = document
    agent.turn()
    assert plane.states[-1] == "ready"


def test_a_removed_node_asks_rarely_and_says_nothing(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    plane.refusals["document"].extend([404, 401])
    said = len(plane.reports)

    pauses = [agent.turn(), agent.turn()]

    assert all(50 <= pause <= 70 for pause in pauses)
    assert len(plane.reports) == said


def test_an_api_that_fails_is_asked_again_with_growing_pauses(plane: ControlPlane, node: Node) -> None:
    plane.refusals["document"].extend([503] * 12)
    agent = node.agent()

    pauses = [agent.turn() for _ in range(12)]

    assert pauses[0] < 0.6
    assert 25 <= pauses[-1] <= 35


def test_an_api_that_does_not_listen_is_asked_again(plane: ControlPlane, node: Node) -> None:
    plane.url = "http://127.0.0.1:9"
    node.boot()

    assert node.agent().turn() < 0.6


def test_a_certificate_is_asked_for_again_after_a_passing_failure(plane: ControlPlane, node: Node) -> None:
    plane.refusals["certificates"].extend([503, 409])

    node.agent().run(once=True)

    attempts = {phase["name"]: phase["attempts"] for phase in plane.reports[-1]["phases"]}
    assert plane.states[-1] == "ready"
    assert attempts["certificates"] == 3


def test_a_refused_certificate_fails_the_node_at_once(plane: ControlPlane, node: Node) -> None:
    plane.refusals["certificates"].append(400)

    node.agent().run(once=True)

    assert plane.reports[-1]["state"] == "failed"
    assert plane.reports[-1]["message"] == (
        "phase certificates failed: the API answers 400 about certificates: as the test wants 400"
    )
    assert plane.signals[-1]["status"] == "FAILURE"
    assert plane.signals[-1]["reason"] == plane.reports[-1]["message"]


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (
            {"fail_pull": "etcd"},
            f"phase images failed: image {ETCD_IMAGE} cannot be pulled: manifest unknown",
        ),
        (
            {"fail_unit": "kubelet.service"},
            "phase units failed after 3 attempts: unit kubelet.service failed: the main process exited with status 1",
        ),
    ],
)
def test_a_failed_node_names_the_phase_and_the_cause(
    plane: ControlPlane, node: Node, trouble: dict[str, str], message: str
) -> None:
    node.trouble(**trouble)

    node.agent().run(once=True)

    assert plane.reports[-1]["state"] == "failed"
    assert plane.reports[-1]["message"] == message
    assert plane.reports[-1]["phases"][-1]["state"] == "failed"


def test_a_pull_that_fails_for_a_while_is_tried_again(plane: ControlPlane, node: Node) -> None:
    node.trouble(fail_pull="etcd", fail_pull_times=2)

    node.agent().run(once=True)

    assert plane.states[-1] == "ready"


def test_a_unit_that_never_answers_fails_the_node(plane: ControlPlane, node: Node) -> None:
    node.trouble(start_seconds=60)
    plane.document = a_document(plane, units=plane.document.units[1:])

    node.agent(ready_seconds=0.2).run(once=True)

    assert plane.reports[-1]["message"] == (
        "phase ready failed: unit etcd.service runs, but https://127.32.0.10:2379/health does not answer "
        "after 0.2 seconds"
    )


def test_a_failed_node_recovers_with_a_better_document(plane: ControlPlane, node: Node) -> None:
    node.trouble(fail_pull="etcd")
    agent = node.agent()
    agent.turn()
    node.trouble()
    plane.document = replace(plane.document, generation=2)

    agent.turn()

    assert plane.states == ["configuring", "failed", "configuring", "ready"]
    assert [signal["status"] for signal in plane.signals] == ["FAILURE", "SUCCESS"]


def test_a_failed_node_is_tried_again_quietly_until_it_is_ready(
    plane: ControlPlane, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "AFTER_FAILURE", Backoff(first=0.0, longest=0.0))
    node.trouble(fail_pull="etcd")
    agent = node.agent()
    agent.turn()
    node.trouble()

    agent.turn()

    assert plane.states == ["configuring", "failed", "ready"]


def test_a_failure_after_the_success_is_no_matter_of_heats(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    node.trouble(fail_pull="kubelet")
    units = (replace(plane.document.units[2], image="registry.example/kubelet@sha256:" + "1" * 64),)
    plane.document = replace(plane.document, generation=2, units=units)

    agent.turn()

    assert plane.states[-1] == "failed"
    assert [signal["status"] for signal in plane.signals] == ["SUCCESS"]


def test_a_newer_document_ends_the_way_to_the_old_one(plane: ControlPlane, node: Node) -> None:
    node.poll_seconds = 0.05
    node.boot()
    node.trouble(start_seconds=60)
    plane.document = a_document(plane, units=plane.document.units[1:])
    newer = a_document(plane, generation=2, units=plane.document.units[1:])

    def hand_out_newer(route: str) -> None:
        if plane.requests.count("document") == 3:
            plane.document = newer

    plane.before = hand_out_newer
    agent = node.agent(ready_seconds=30)
    pauses = [agent.turn(), agent.turn()]

    assert pauses[0] == 0.0
    assert [(one["state"], one["generation"]) for one in plane.reports][-1] == ("ready", 2)


def test_a_report_that_did_not_arrive_is_sent_with_the_next_turn(plane: ControlPlane, node: Node) -> None:
    plane.refusals["report"].extend([503, 503])
    agent = node.agent()

    pause = agent.turn()

    assert plane.states == []
    assert pause < 1.2
    agent.turn()
    assert plane.states == ["ready"]


def test_a_signal_that_heat_does_not_take_is_sent_again_and_hides_nothing(plane: ControlPlane, node: Node) -> None:
    plane.refusals["signal"].extend([500, 500])
    node.poll_seconds = 0.01
    node.boot()
    agent = node.agent()

    agent.turn()

    assert plane.reports[-1]["state"] == "ready"
    assert plane.reports[-1]["message"] == "phase signal failed after 2 attempts: Heat answers 500 to the signal"
    node.pace.wait(0.02)
    agent.turn()
    assert [signal["status"] for signal in plane.signals] == ["SUCCESS"]
    assert plane.reports[-1]["message"] == ""


def test_a_document_that_cannot_be_read_fails_the_node(plane: ControlPlane, node: Node) -> None:
    plane.document_text = "[]"

    node.agent().run(once=True)

    assert plane.states == ["booting", "failed"]
    assert plane.reports[-1]["message"].startswith("phase document failed: the node document cannot be read: ")


def test_an_authority_that_changed_gets_new_certificates_for_the_old_keys(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    key = node.read("/etc/etcd/certs/server.key")
    plane.authorities["etcd"] = Authority("etcd-ca-2")
    plane.document = replace(a_document(plane), generation=2)

    agent.turn()

    assert plane.states[-1] == "ready"
    assert plane.signed == ["kubelet", "etcd", "etcd"]
    assert node.read("/etc/etcd/certs/server.key") == key


def test_a_certificate_of_a_foreign_authority_is_not_kept(plane: ControlPlane, node: Node) -> None:
    stranger = Authority("stranger")
    answers = iter([stranger.sign])
    plane.sign = lambda profile, csr: next(answers, lambda one: plane.sign_as_asked(profile, one))(csr)

    node.agent().run(once=True)

    assert plane.states[-1] == "ready"
    assert plane.signed == ["kubelet", "kubelet", "etcd"]


def test_a_new_file_may_lie_where_none_was(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    extra = File("/opt/deep/below/new.conf", "new\n", 0o640)
    plane.document = replace(plane.document, generation=2, files=(*plane.document.files, extra))

    agent.turn()

    assert node.read(extra.path) == "new\n"
    assert stat.S_IMODE((node.root / "opt/deep/below/new.conf").stat().st_mode) == 0o640
