# SPDX-License-Identifier: Apache-2.0
"""The phase that waits until Kubernetes itself calls this node ready."""

from __future__ import annotations

import time

from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import CallFailed, HostFailed
from magnum_lite.agent.kubernetes import Kubernetes, Reference
from magnum_lite.agent.pace import Backoff

KUBELET = "kubelet.service"
KUBECONFIG = "/etc/kubernetes/kubelet.kubeconfig"
BETWEEN_LOOKS = Backoff(first=0.2, longest=5.0, factor=1.5)


def run(course: Course) -> None:
    """Wait as long as the units may take; a node without a kubelet is none of Kubernetes."""
    if all(unit.name != KUBELET for unit in course.document.units):
        return
    kubernetes, name = course.host.kubernetes(KUBECONFIG), course.document.name
    deadline, looks = time.monotonic() + course.ready_seconds, 0
    while (complaint := _complaint(kubernetes, name)) is not None:
        if time.monotonic() >= deadline:
            seconds = f"after {course.ready_seconds:g} seconds"
            raise HostFailed(f"Kubernetes does not call node {name} ready {seconds}: {complaint}", is_final=True)
        looks += 1
        course.wait(BETWEEN_LOOKS.after(looks))


def _complaint(kubernetes: Kubernetes, name: str) -> str | None:
    """Say what keeps the node from being ready and where to look, or nothing when it is."""
    try:
        if kubernetes.node_is_ready(name):
            return None
        node = kubernetes.find(Reference("v1", "Node", name))
    except CallFailed as error:
        return error.message
    if node is None:
        return f"it does not know the node; the log of {KUBELET} says why"
    conditions = (node.get("status") or {}).get("conditions") or ()
    said = [str(one.get("message")) for one in conditions if one.get("type") == "Ready"]
    return f"{said[0] if said else 'it has not heard of its state'}; look at the log of {KUBELET}"
