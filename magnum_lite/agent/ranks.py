# SPDX-License-Identifier: Apache-2.0
"""In which order objects of Kubernetes are applied: what others rest on first; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from magnum_lite.agent.kubernetes import Reference

DEFINITION = "CustomResourceDefinition"
WORKLOADS = frozenset({"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob", "Pod"})

# What is not named here, custom resources too, comes after rights and settings and before what runs.
BASES: Mapping[str, int] = {
    "Namespace": 0,
    DEFINITION: 1,
    "PriorityClass": 2,
    "StorageClass": 2,
    "ServiceAccount": 2,
    "ClusterRole": 2,
    "Role": 2,
    "ClusterRoleBinding": 3,
    "RoleBinding": 3,
    "ConfigMap": 3,
    "Secret": 3,
}
OTHERS = 4
RUNNING = 5
# They stand between users and the API server, so what serves them has to be there.
GUARDS = frozenset(
    {
        "APIService",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    }
)
LAST = 6

# With one of these its users' data would go.
KEPT = frozenset({"Namespace", DEFINITION, "PersistentVolumeClaim", "PersistentVolume"})


def of(kind: str) -> int:
    if kind in WORKLOADS:
        return RUNNING
    return LAST if kind in GUARDS else BASES.get(kind, OTHERS)


def ordered(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the objects as they are applied; those of one rank stay in their order."""
    return sorted(items, key=lambda item: of(str(item["kind"])))


def going(references: Iterable[Reference]) -> list[Reference]:
    """Give the objects as they are removed, without those that are kept."""
    return sorted((one for one in references if one.kind not in KEPT), key=lambda one: (-of(one.kind), one))
