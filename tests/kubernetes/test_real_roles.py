# SPDX-License-Identifier: Apache-2.0
"""What each of the three roles may do, asked of a real API server with certificates that our service signs."""

from __future__ import annotations

import json

import pytest

from tests.kubernetes.real import Client, RealCluster

ADMIN, DEVELOPER, VIEWER = ROLES = ("k8s_admin", "k8s_developer", "k8s_viewer")

# A question of kubectl auth can-i, and who is told yes.
RIGHTS: dict[str, tuple[str, ...]] = {
    "list pods": ROLES,
    "get pods --subresource=log": ROLES,
    "list nodes": ROLES,
    "list deployments.apps --all-namespaces": ROLES,
    "get configmaps": ROLES,
    "create deployments.apps": (ADMIN, DEVELOPER),
    "delete pods": (ADMIN, DEVELOPER),
    "create pods --subresource=exec": (ADMIN, DEVELOPER),
    "create services": (ADMIN, DEVELOPER),
    "create ingresses.networking.k8s.io": (ADMIN, DEVELOPER),
    "create secrets": (ADMIN, DEVELOPER),
    "create namespaces": (ADMIN, DEVELOPER),
    "get secrets": (ADMIN,),
    "list secrets --all-namespaces": (ADMIN,),
    "delete nodes": (ADMIN,),
    "get nodes --subresource=proxy": (ADMIN,),
    "create clusterrolebindings.rbac.authorization.k8s.io": (ADMIN,),
    "escalate clusterroles.rbac.authorization.k8s.io": (ADMIN,),
    "impersonate users": (ADMIN,),
    "create serviceaccounts --subresource=token": (ADMIN,),
    "approve certificatesigningrequests.certificates.k8s.io": (ADMIN,),
    "create customresourcedefinitions.apiextensions.k8s.io": (ADMIN,),
    "create validatingwebhookconfigurations.admissionregistration.k8s.io": (ADMIN,),
    "get /metrics": (ADMIN,),
    "* *": (ADMIN,),
}


def somebody(cluster: RealCluster, role: str) -> Client:
    return cluster.signed(role, (role, role))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("question", RIGHTS)
def test_a_role_may_what_it_is_there_for_and_no_more(cluster: RealCluster, role: str, question: str) -> None:
    assert somebody(cluster, role).can(*question.split()) == (role in RIGHTS[question])


def test_a_developer_changes_nothing_of_the_administrators(cluster: RealCluster) -> None:
    developer, wish = somebody(cluster, DEVELOPER), ("create", "configmap", "mine", "--dry-run=server")

    own, theirs = developer.attempt(*wish), developer.attempt(*wish, "--namespace=kube-system")

    assert own.returncode == 0, own.stderr
    assert "this namespace is the administrators' alone" in theirs.stderr


def test_a_developer_gives_nobody_more_than_he_has(cluster: RealCluster) -> None:
    binding = ("create", "rolebinding", "mine", "--clusterrole=k8s_admin", f"--group={DEVELOPER}", "--dry-run=server")

    refused = somebody(cluster, DEVELOPER).attempt(*binding)

    assert "attempting to grant RBAC permissions not currently held" in refused.stderr


def test_whoever_is_of_none_of_them_may_nothing(cluster: RealCluster, admin: Client) -> None:
    attributes = {"verb": "list", "resource": "pods"}
    asked = {"user": "somebody", "groups": ["system:authenticated"], "resourceAttributes": attributes}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": asked}

    answer = json.loads(admin.run("create", "--filename=-", "--output=json", text=json.dumps(review)))

    assert answer["status"]["allowed"] is False
