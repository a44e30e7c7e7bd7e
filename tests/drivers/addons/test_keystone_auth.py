# SPDX-License-Identifier: Apache-2.0
"""k8s-keystone-auth: what it answers for Keystone's roles, judged by the rules of its own authorizer."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest

from magnum_lite.drivers.k8s_fcos.addons.keystone_auth import ADDON
from magnum_lite.drivers.k8s_fcos.addons.roles.addon import ADMIN_NAMESPACES
from tests.drivers.addons import objects, rendered
from tests.kubernetes.roles import BY_TOKEN, ROLES, Question

NAME = "k8s-keystone-auth"
READ = ("get", "list", "watch")

Policy = Mapping[str, Any]


def policies() -> list[Policy]:
    addon = rendered.addons()["keystone_auth"]
    found: list[Policy] = json.loads(objects.get(addon, "ConfigMap", "keystone-auth-policy")["data"]["policies"])
    return found


def project() -> str:
    return rendered.place().cluster.project_id


def allows(asked: Question, *, role: str, project_id: str) -> bool:
    return any(_allows(policy, asked, role, project_id) for policy in policies())


def _allows(policy: Policy, asked: Question, role: str, project_id: str) -> bool:
    resource, _, below = asked.resource.partition("/")
    if "users" in policy:
        is_meant = set(policy["users"]["roles"]) <= {role} and project_id in policy["users"]["projects"]
        return is_meant and any(
            _namespace_fits(key.split("/")[0], asked.namespace)
            and key.split("/")[1] in ("*", resource)
            and {"*", asked.verb} & set(verbs)
            for key, verbs in policy["resource_permissions"].items()
        )
    if "resource" not in policy or not _matches(policy, role, project_id):
        return False
    spec = policy["resource"]
    named = {f"{resource}/{below}", f"{resource}/*"} if below else {resource}
    return (
        spec["version"] in ("*", asked.group)
        and spec["namespace"] in ("*", asked.namespace)
        and bool({"*", asked.verb} & set(spec["verbs"]))
        and bool({"*", *named} & set(spec["resources"]))
    )


def _namespace_fits(definition: str, namespace: str) -> bool:
    """A definition that leaves namespaces out says nothing of a question about all of them."""
    if definition == "*":
        return True
    assert definition.startswith("![")
    return bool(namespace) and namespace not in json.loads(definition[1:].replace("'", '"'))


def _matches(policy: Policy, role: str, project_id: str) -> bool:
    known = {"role": role, "project": project_id}
    return all(known[one["type"]] in one["values"] for one in policy["match"])


def test_its_label_switches_it() -> None:
    assert "keystone_auth" in rendered.addons()
    assert "keystone_auth" not in rendered.addons({"keystone_auth_enabled": "false"})


def test_a_webhook_of_the_owner_takes_its_place() -> None:
    assert "keystone_auth" not in rendered.addons({"authentication_webhook_url": "https://login.example.org/"})


TOLD = [f"{number}-{asked.verb}-{asked.resource}" for number, (asked, _) in enumerate(BY_TOKEN)]


@pytest.mark.parametrize(("asked", "allowed"), BY_TOKEN, ids=TOLD)
def test_each_role_may_do_what_the_table_says(asked: Question, allowed: frozenset[str]) -> None:
    assert {role for role in ROLES if allows(asked, role=role, project_id=project())} == allowed


@pytest.mark.parametrize(("asked", "_"), BY_TOKEN, ids=TOLD)
def test_a_role_in_another_project_allows_nothing(asked: Question, _: frozenset[str]) -> None:
    assert [role for role in ROLES if allows(asked, role=role, project_id="another")] == []


@pytest.mark.parametrize("role", ["member", "reader", "admin", "K8S_ADMIN", "k8s_admin2"])
def test_another_role_allows_nothing(role: str) -> None:
    assert [asked for asked, _ in BY_TOKEN if allows(asked, role=role, project_id=project())] == []


def test_every_policy_asks_for_a_role_and_the_clusters_project() -> None:
    for policy in policies():
        asked = policy.get("users") or {f"{one['type']}s": one["values"] for one in policy["match"]}

        assert (set(asked), asked["projects"]) == ({"roles", "projects"}, [project()])


def test_the_namespaces_left_out_are_those_that_admission_protects() -> None:
    (key,) = (key for policy in policies() for key in policy.get("resource_permissions", {}))

    assert key == f"!{list(ADMIN_NAMESPACES)}/*"


def test_it_listens_where_only_its_own_machine_reaches_it() -> None:
    addon = rendered.addons()["keystone_auth"]

    assert "--listen=127.0.0.1:8443" in objects.arguments(addon, "DaemonSet", NAME, NAME)
    assert objects.pod(addon, "DaemonSet", NAME)["hostNetwork"] is True


def test_it_knows_keystone_and_no_password() -> None:
    addon = rendered.addons()["keystone_auth"]

    assert f"--keystone-url={rendered.CLOUD.auth_url}" in objects.arguments(addon, "DaemonSet", NAME, NAME)
    assert rendered.CLOUD.password not in str(addon.objects)
    assert [one["metadata"]["name"] for one in addon.objects if one["kind"] == "Secret"] == []


@pytest.mark.parametrize(("ca", "argument"), [("a certificate", "/etc/cloud/ca.crt"), (None, "")])
def test_it_trusts_the_clouds_authority_or_else_those_of_its_image(ca: str | None, argument: str) -> None:
    secrets = dataclasses.replace(rendered.secrets(), cloud=dataclasses.replace(rendered.CLOUD, ca=ca))
    addon = ADDON.render(rendered.place(), secrets)

    assert f"--keystone-ca-file={argument}" in objects.arguments(addon, "DaemonSet", NAME, NAME)
    trust = {} if ca is None else {"ca.crt": ca}
    assert objects.get(addon, "ConfigMap", "keystone-auth-trust")["data"] == trust
