# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on the way of a node: what is tried again, what is reported, and what Heat hears."""

from dataclasses import replace

import pytest

from magnum_lite.agent import loop
from magnum_lite.agent.machine import source_of
from magnum_lite.agent.pace import Backoff
from tests.agent.authority import Authority
from tests.agent.control_plane import ControlPlane
from tests.agent.nodes import ETCD_IMAGE, KUBELET, Node, a_document


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
            {"fail_fetch": "kubelet"},
            f"phase binaries failed: {source_of(KUBELET).url} cannot be downloaded: not found",
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


def test_nothing_is_stopped_for_a_program_that_is_refused(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    node.trouble(mismatch="kubelet")
    newer = {name: replace(source, sha256="3" * 64) for name, source in KUBELET.sources.items()}
    plane.document = replace(plane.document, generation=2, binaries=(replace(KUBELET, sources=newer),))

    agent.turn()

    assert plane.reports[-1]["message"].startswith("phase binaries failed: https://downloads.example/")
    assert node.host.is_active("kubelet.service")


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


def test_a_certificate_of_a_foreign_authority_is_not_kept(plane: ControlPlane, node: Node) -> None:
    stranger = Authority("stranger")
    answers = iter([stranger.sign])
    plane.sign = lambda profile, csr: next(answers, lambda one: plane.sign_as_asked(profile, one))(csr)

    node.agent().run(once=True)

    assert plane.states[-1] == "ready"
    assert plane.signed == ["kubelet", "kubelet", "etcd"]
