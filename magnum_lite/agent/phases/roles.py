# SPDX-License-Identifier: Apache-2.0
"""The phase in which the first master has Kubernetes know which nodes are masters.

A kubelet may not say so of its own node: whoever has taken over a worker would draw to it what has the cloud's
credentials. What is meant for masters is placed by this label.
"""

from __future__ import annotations

import logging

from magnum_lite.agent.course import Course
from magnum_lite.agent.kubernetes import Reference

LOG = logging.getLogger(__name__)
KUBECONFIG = "/etc/kubernetes/addons.kubeconfig"
LABEL = "node-role.kubernetes.io/control-plane"


def run(course: Course) -> None:
    """Mark the masters that are there; those that come later are marked when the agent looks again."""
    if course.document.addons is None or course.document.etcd is None:
        return
    kubernetes = course.host.kubernetes(KUBECONFIG)
    for name in course.document.etcd.members:
        node = kubernetes.find(Reference("v1", "Node", name))
        # One that is made here and not by its kubelet would have no taints.
        if node is None or LABEL in (node.get("metadata", {}).get("labels") or {}):
            continue
        kubernetes.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {LABEL: ""}}})
        LOG.info("node %s is marked as a master", name)
