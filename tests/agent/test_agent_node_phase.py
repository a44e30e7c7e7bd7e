# SPDX-License-Identifier: Apache-2.0
"""A node is ready when Kubernetes says so, and a failure says what Kubernetes says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from magnum_lite.agent.errors import CallFailed
from magnum_lite.agent.kubernetes import Reference
from magnum_lite.agent.simulated import SimulatedHost
from tests.agent.control_plane import ControlPlane
from tests.agent.nodes import Node

UNHEARD = {"type": "Ready", "status": "Unknown", "message": "Kubelet never posted node status."}
NO_NETWORK = {"type": "Ready", "status": "False", "message": "cni plugin not initialized"}
READY = {"type": "Ready", "status": "True", "message": "kubelet is posting ready status"}
PRESSURE = {"type": "DiskPressure", "status": "False", "message": "kubelet has no disk pressure"}


class Told:
    """A ``Kubernetes`` that gives these answers about nodes, one after the other, the last one for ever."""

    def __init__(self, *answers: Mapping[str, Any] | CallFailed | None) -> None:
        self._answers = list(answers)

    def find(self, reference: Reference) -> Mapping[str, Any] | None:
        answer = self._answers[0]
        if isinstance(answer, CallFailed):
            raise answer
        return answer

    def node_is_ready(self, name: str) -> bool:
        if len(self._answers) > 1:
            self._answers.pop(0)
        answer = self.find(Reference("v1", "Node", name))
        return answer is not None and READY in answer.get("status", {}).get("conditions", [])

    def apply(self, item: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def existing(self, references: Iterable[Reference]) -> frozenset[Reference]:
        raise NotImplementedError

    def remove(self, reference: Reference) -> None:
        raise NotImplementedError


def a_host(node: Node, kubernetes: Told) -> list[str]:
    """Let the node's machine lead to this Kubernetes and give the list of kubeconfigs it was asked for."""
    asked: list[str] = []

    class Host(SimulatedHost):
        def kubernetes(self, kubeconfig: str) -> Told:
            asked.append(kubeconfig)
            return kubernetes

    node.make_host = Host
    return asked


def with_conditions(*conditions: Mapping[str, str]) -> Mapping[str, Any]:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "status": {"conditions": conditions}}


def test_the_node_waits_until_kubernetes_calls_it_ready(plane: ControlPlane, node: Node) -> None:
    away = CallFailed("the API server does not answer: connection refused")
    asked = a_host(node, Told(None, away, None, with_conditions(NO_NETWORK), with_conditions(PRESSURE, READY)))

    node.agent().run(once=True)

    assert plane.states[-1] == "ready"
    assert asked == ["/etc/kubernetes/kubelet.kubeconfig"]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (None, "it does not know the node; the log of kubelet.service says why"),
        (with_conditions(), "it has not heard of its state; look at the log of kubelet.service"),
        (with_conditions(PRESSURE, NO_NETWORK), "cni plugin not initialized; look at the log of kubelet.service"),
        (with_conditions(UNHEARD), "Kubelet never posted node status.; look at the log of kubelet.service"),
        (CallFailed("Kubernetes refuses Node n (403): forbidden", 403), "Kubernetes refuses Node n (403): forbidden"),
    ],
)
def test_a_node_that_never_gets_ready_says_why(
    plane: ControlPlane, node: Node, answer: Mapping[str, Any] | CallFailed | None, complaint: str
) -> None:
    a_host(node, Told(answer))

    node.agent(ready_seconds=0.1).run(once=True)

    assert plane.reports[-1]["state"] == "failed"
    assert plane.reports[-1]["message"] == (
        f"phase node failed: Kubernetes does not call node k8s-master-0 ready after 0.1 seconds: {complaint}"
    )


def test_a_node_without_a_kubelet_is_none_of_kubernetes(plane: ControlPlane, node: Node) -> None:
    asked = a_host(node, Told(None))
    assert plane.document is not None
    units = tuple(unit for unit in plane.document.units if unit.name != "kubelet.service")
    plane.document = replace(plane.document, units=units)

    node.agent().run(once=True)

    assert plane.states[-1] == "ready"
    assert asked == []


def test_a_simulated_node_may_never_get_ready(plane: ControlPlane, node: Node) -> None:
    node.trouble(is_unready=True)

    node.agent(ready_seconds=0.1).run(once=True)

    assert plane.states[-1] == "failed"
