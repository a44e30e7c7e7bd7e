# SPDX-License-Identifier: Apache-2.0
"""What the three roles may do in a cluster: one table for our own reading of the rules and for a real API server.

``ASKED`` is what ``kubectl auth can-i`` answers to somebody who proves himself with a certificate of the role's group:
RBAC alone. ``TRIED`` is what happens to him when he tries, which is more than RBAC: admission refuses changes in an
administrator's namespace. ``BY_TOKEN`` is what k8s-keystone-auth answers for a user of Keystone with the role in the
cluster's project, before RBAC is asked.
"""

from dataclasses import dataclass

ADMIN, DEVELOPER, VIEWER = "k8s_admin", "k8s_developer", "k8s_viewer"
ROLES = (ADMIN, DEVELOPER, VIEWER)


@dataclass(frozen=True)
class Question:
    """One thing to do: ``resource`` may have a subresource (``pods/exec``); no namespace is all of them, or none."""

    verb: str
    resource: str
    namespace: str = ""
    group: str = ""


# Who may: those named, everybody else may not.
ASKED: tuple[tuple[Question, frozenset[str]], ...] = (
    (Question("get", "pods", "default"), frozenset(ROLES)),
    (Question("list", "pods", "kube-system"), frozenset(ROLES)),
    (Question("list", "pods"), frozenset(ROLES)),
    (Question("get", "pods/log", "default"), frozenset(ROLES)),
    (Question("create", "pods", "default"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "pods/exec", "default"), frozenset({ADMIN, DEVELOPER})),
    (Question("get", "pods/exec", "default"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "deployments", "team", "apps"), frozenset({ADMIN, DEVELOPER})),
    (Question("patch", "deployments/scale", "team", "apps"), frozenset({ADMIN, DEVELOPER})),
    (Question("delete", "statefulsets", "default", "apps"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "jobs", "default", "batch"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "ingresses", "default", "networking.k8s.io"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "rolebindings", "default", "rbac.authorization.k8s.io"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "secrets", "default"), frozenset({ADMIN, DEVELOPER})),
    (Question("get", "secrets", "default"), frozenset({ADMIN})),
    (Question("get", "secrets", "kube-system"), frozenset({ADMIN})),
    (Question("list", "secrets"), frozenset({ADMIN})),
    (Question("watch", "secrets"), frozenset({ADMIN})),
    (Question("create", "namespaces"), frozenset({ADMIN, DEVELOPER})),
    (Question("list", "namespaces"), frozenset(ROLES)),
    (Question("list", "nodes"), frozenset(ROLES)),
    (Question("patch", "nodes"), frozenset({ADMIN})),
    (Question("get", "nodes/proxy"), frozenset({ADMIN})),
    (Question("get", "services/proxy", "default"), frozenset({ADMIN})),
    (Question("create", "persistentvolumes"), frozenset({ADMIN})),
    (Question("create", "clusterrolebindings", group="rbac.authorization.k8s.io"), frozenset({ADMIN})),
    (Question("bind", "clusterroles", group="rbac.authorization.k8s.io"), frozenset({ADMIN})),
    (Question("escalate", "roles", "default", "rbac.authorization.k8s.io"), frozenset({ADMIN})),
    (Question("impersonate", "serviceaccounts", "default"), frozenset({ADMIN})),
    (Question("impersonate", "users"), frozenset({ADMIN})),
    (Question("create", "serviceaccounts/token", "default"), frozenset({ADMIN})),
    (Question("approve", "signers", group="certificates.k8s.io"), frozenset({ADMIN})),
    (
        Question("delete", "validatingadmissionpolicybindings", group="admissionregistration.k8s.io"),
        frozenset({ADMIN}),
    ),
)

# kubectl's words, and who gets through: RBAC or admission refuses the others.
TRIED: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (("create", "configmap", "tried", "--namespace=default", "--dry-run=server"), frozenset({ADMIN, DEVELOPER})),
    (("create", "configmap", "tried", "--namespace=kube-system", "--dry-run=server"), frozenset({ADMIN})),
    (("create", "configmap", "tried", "--namespace=kube-public", "--dry-run=server"), frozenset({ADMIN})),
    (("label", "namespace", "default", "tried=yes", "--dry-run=server"), frozenset({ADMIN, DEVELOPER})),
    (("label", "namespace", "kube-system", "tried=yes", "--dry-run=server"), frozenset({ADMIN})),
)

BY_TOKEN: tuple[tuple[Question, frozenset[str]], ...] = (
    (Question("get", "pods", "default"), frozenset(ROLES)),
    (Question("create", "pods", "default"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "pods/exec", "default"), frozenset({ADMIN, DEVELOPER})),
    (Question("get", "pods/exec", "default"), frozenset({ADMIN, DEVELOPER})),
    (Question("get", "pods/log", "default"), frozenset(ROLES)),
    (Question("get", "secrets", "team"), frozenset({ADMIN, DEVELOPER})),
    (Question("get", "secrets", "kube-system"), frozenset({ADMIN})),
    (Question("list", "secrets"), frozenset({ADMIN})),
    (Question("get", "pods", "kube-system"), frozenset({ADMIN, VIEWER})),
    (Question("create", "pods", "kube-system"), frozenset({ADMIN})),
    (Question("create", "configmaps", "kube-public"), frozenset({ADMIN})),
    (Question("update", "leases", "kube-node-lease", "coordination.k8s.io"), frozenset({ADMIN})),
    (Question("create", "widgets", "team", "example.com"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "namespaces"), frozenset({ADMIN, DEVELOPER})),
    (Question("delete", "namespaces", "team"), frozenset({ADMIN, DEVELOPER})),
    (Question("update", "namespaces", "kube-system"), frozenset({ADMIN})),
    (Question("get", "namespaces", "kube-system"), frozenset(ROLES)),
    (Question("list", "nodes"), frozenset(ROLES)),
    (Question("get", "nodes/proxy"), frozenset({ADMIN})),
    (Question("patch", "nodes"), frozenset({ADMIN})),
    (Question("get", "services/proxy", "default"), frozenset({ADMIN, DEVELOPER})),
    (Question("create", "clusterrolebindings", group="rbac.authorization.k8s.io"), frozenset({ADMIN})),
    (Question("impersonate", "users"), frozenset({ADMIN})),
)
