# SPDX-License-Identifier: Apache-2.0
"""The three roles: what RBAC gives each, and that lesser ones change nothing in an administrator's namespace."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from magnum_lite.drivers.k8s_fcos.addons import rendering
from magnum_lite.drivers.k8s_fcos.addons.roles.addon import ADMIN_NAMESPACES
from tests.drivers.addons import objects, rendered
from tests.kubernetes.roles import ASKED, DEVELOPER, ROLES, VIEWER, Question


def rules(role: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = objects.get(rendered.addons()["roles"], "ClusterRole", role)["rules"]
    return found


def allows(role: str, asked: Question) -> bool:
    """Tell what RBAC says: each part is named, or there is a star."""

    def fits(rule: Mapping[str, Any], part: str, value: str) -> bool:
        return bool({"*", value} & set(rule.get(part, ())))

    return any(
        fits(rule, "apiGroups", asked.group)
        and fits(rule, "resources", asked.resource)
        and fits(rule, "verbs", asked.verb)
        for rule in rules(role)
    )


@pytest.mark.parametrize(
    ("asked", "allowed"),
    ASKED,
    ids=[f"{number}-{asked.verb}-{asked.resource}" for number, (asked, _) in enumerate(ASKED)],
)
def test_each_role_may_do_what_the_table_says(asked: Question, allowed: frozenset[str]) -> None:
    assert {role for role in ROLES if allows(role, asked)} == allowed


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_bound_to_the_group_of_its_name(role: str) -> None:
    binding = objects.get(rendered.addons()["roles"], "ClusterRoleBinding", role)

    assert binding["roleRef"]["name"] == role
    assert [(one["kind"], one["name"]) for one in binding["subjects"]] == [("Group", role)]


@pytest.mark.parametrize("role", [DEVELOPER, VIEWER])
def test_a_lesser_role_has_no_stars_and_no_verb_that_gives_rights(role: str) -> None:
    words = {word for rule in rules(role) for part in rule.values() for word in part}

    assert words & {"*", "bind", "escalate", "impersonate", "approve", "sign"} == set()


def test_a_viewer_only_reads() -> None:
    assert {verb for rule in rules(VIEWER) for verb in rule["verbs"]} == {"get", "list", "watch"}


def test_admission_keeps_lesser_roles_out_of_the_administrators_namespaces() -> None:
    addon = rendered.addons()["roles"]
    policy = objects.get(addon, "ValidatingAdmissionPolicy", "magnum-admin-namespaces")["spec"]
    binding = objects.get(addon, "ValidatingAdmissionPolicyBinding", "magnum-admin-namespaces")["spec"]
    (selected,) = binding["matchResources"]["namespaceSelector"]["matchExpressions"]

    assert (selected["key"], selected["values"]) == ("kubernetes.io/metadata.name", list(ADMIN_NAMESPACES))
    assert (binding["validationActions"], policy["failurePolicy"]) == (["Deny"], "Fail")
    (covered,) = policy["matchConstraints"]["resourceRules"]
    assert covered["operations"] == ["CREATE", "UPDATE", "DELETE", "CONNECT"]


def test_roles_are_there_whatever_a_release_pins() -> None:
    place = rendered.place()
    bare = dataclasses.replace(place, release=dataclasses.replace(place.release, images={}, manifests={}))

    names = {one.name for one in rendering.render_addons(bare, rendered.secrets())}
    assert "roles" in names
    assert "keystone_auth" not in names
