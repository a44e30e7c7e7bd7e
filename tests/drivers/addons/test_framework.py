# SPDX-License-Identifier: Apache-2.0
"""What holds for the objects of every addon, of every release, whatever its labels say."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import kubernetes_validate
import pytest

from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.drivers.k8s_fcos.place import Setup
from magnum_lite.model.labels import LabelValues
from tests.drivers.addons import rendered
from tests.drivers.addons.examples import CUSTOM_KINDS, EXAMPLES, EXCEPTIONS, USED_ELSEWHERE

Item = Mapping[str, Any]

IMAGE = re.compile(r"\S+:[\w.-]+@sha256:[0-9a-f]{64}")
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
# Names of roles and bindings are path segments; others are DNS names.
RIGHTS = {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?", re.ASCII)
OF_CLUSTER = RIGHTS - {"Role", "RoleBinding"} | {
    "APIService",
    "CSIDriver",
    "IngressClass",
    "Namespace",
    "PriorityClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeSnapshotClass",
}


@functools.cache
def objects(tag: str) -> tuple[tuple[str, str, Item], ...]:
    """Give every object that a release's clusters can have, once, with its variant and addon."""
    found: dict[str, tuple[str, str, Item]] = {}
    for variant, addons in rendered.everything(tag).items():
        for addon in addons.values():
            for item in addon.objects:
                found.setdefault(json.dumps(item, sort_keys=True), (variant, addon.name, item))
    return tuple(found.values())


def pods(tag: str) -> Iterator[tuple[str, Item]]:
    """Give every pod's specification with the name of its addon."""
    for _, addon, item in objects(tag):
        spec = item.get("spec") or {}
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield addon, template["spec"]


def containers(tag: str) -> Iterator[tuple[str, Item, Item]]:
    """Give every container with its name (addon/container) and its pod's specification."""
    for addon, spec in pods(tag):
        for one in (*spec.get("initContainers", ()), *spec["containers"]):
            yield f"{addon}/{one['name']}", one, spec


def named(tag: str, wrong: Iterator[tuple[str, str, Item]]) -> list[str]:
    return sorted({f"{addon}: {item['kind']} {item['metadata']['name']} ({variant})" for variant, addon, item in wrong})


def security(one: Item) -> Item:
    found: Item = one.get("securityContext") or {}
    return found


every_release = pytest.mark.parametrize("tag", list(rendered.RELEASES))


def test_every_addon_is_rendered_by_some_labels() -> None:
    found = {addon for _, addon, _ in objects(rendered.NEWEST)}
    upstream = {one.name for by_name in rendered.everything(rendered.NEWEST).values() for one in by_name.values()}

    assert found | upstream == {kind.name for kind in ADDONS}


@every_release
def test_kubernetes_knows_every_field_of_every_object(tag: str) -> None:
    problems = []
    for variant, addon, item in objects(tag):
        if item["kind"] in CUSTOM_KINDS:
            continue
        try:
            kubernetes_validate.validate(item, tag.removeprefix("v"), strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            reason = getattr(error, "message", repr(error))
            problems.append(f"{addon}: {item['kind']} {item['metadata']['name']} ({variant}): {reason}"[:500])

    assert problems == []


@every_release
def test_objects_are_json(tag: str) -> None:
    assert all(json.loads(json.dumps(item)) == item for _, _, item in objects(tag))


@every_release
def test_names_and_labels_are_such_as_kubernetes_takes(tag: str) -> None:
    wrong = (
        one
        for one in objects(tag)
        if not (one[2]["kind"] in RIGHTS or NAME.fullmatch(one[2]["metadata"]["name"]))
        or not all(LABEL_VALUE.fullmatch(str(value)) for value in (one[2]["metadata"].get("labels") or {}).values())
    )

    assert named(tag, wrong) == []


@every_release
def test_what_lives_in_a_namespace_lives_in_kube_system(tag: str) -> None:
    wrong = (
        one
        for one in objects(tag)
        if (one[2]["metadata"].get("namespace") == "kube-system") is (one[2]["kind"] in OF_CLUSTER)
    )

    # A role in another namespace is there only where an addon has to read what Kubernetes itself keeps there.
    assert named(tag, (one for one in wrong if one[2]["metadata"].get("namespace") != "default")) == []


@every_release
def test_no_two_addons_have_the_same_object(tag: str) -> None:
    owners: dict[tuple[str, str, str], set[str]] = {}
    for _, addon, item in objects(tag):
        metadata = item["metadata"]
        owners.setdefault((item["kind"], metadata.get("namespace", ""), metadata["name"]), set()).add(addon)

    assert {key: names for key, names in owners.items() if len(names) > 1} == {}


@every_release
def test_no_addon_has_an_object_twice(tag: str) -> None:
    for addons in rendered.everything(tag).values():
        for addon in addons.values():
            keys = [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in addon.objects]

            assert len(keys) == len(set(keys)), addon.name


@every_release
def test_selectors_fit_the_labels_of_their_pods(tag: str) -> None:
    wrong = (
        one
        for one in objects(tag)
        if "template" in one[2].get("spec", {})
        and not one[2]["spec"]["selector"]["matchLabels"].items()
        <= one[2]["spec"]["template"]["metadata"]["labels"].items()
    )

    assert named(tag, wrong) == []


@every_release
def test_every_image_is_pinned_by_its_digest(tag: str) -> None:
    assert {name: one["image"] for name, one, _ in containers(tag) if not IMAGE.fullmatch(one["image"])} == {}


@every_release
def test_images_are_all_declared(tag: str) -> None:
    """An image that an addon runs and does not declare would keep nothing out where the release lacks it."""
    declared = {kind.name: {rendered.RELEASES[tag].image(one) for one in kind.images} for kind in ADDONS}
    undeclared = {
        (name, one["image"])
        for name, one, _ in containers(tag)
        if one["image"].rpartition("/")[2] not in {image.rpartition("/")[2] for image in declared[name.split("/")[0]]}
    }

    assert undeclared == set()


@every_release
def test_every_container_asks_for_what_it_needs(tag: str) -> None:
    wrong = {
        name
        for name, one, _ in containers(tag)
        if set((one.get("resources") or {}).get("requests") or {}) < {"cpu", "memory"}
    }

    assert wrong == set()


@every_release
def test_every_pod_has_a_priority_of_the_system(tag: str) -> None:
    assert {addon for addon, spec in pods(tag) if not str(spec.get("priorityClassName")).startswith("system-")} == set()


@every_release
def test_every_pod_keeps_to_the_runtime_s_system_calls(tag: str) -> None:
    wanted = {"type": "RuntimeDefault"}

    assert {addon for addon, spec in pods(tag) if security(spec).get("seccompProfile") != wanted} == set()


@every_release
def test_no_container_gains_privileges(tag: str) -> None:
    wrong = {
        name
        for name, one, _ in containers(tag)
        if security(one).get("allowPrivilegeEscalation") is not False and "privileged" not in EXCEPTIONS.get(name, ())
    }

    assert wrong == set()


def needs(one: Item, spec: Item) -> frozenset[str]:
    """Tell what a container does that is to be an exception."""
    own = security(one)
    capabilities = own.get("capabilities") or {}
    found = {
        "privileged": bool(own.get("privileged")),
        "root": not own.get("runAsNonRoot", security(spec).get("runAsNonRoot")),
        "writable": not own.get("readOnlyRootFilesystem"),
        "capabilities": not own.get("privileged")
        and (capabilities.get("drop") != ["ALL"] or not set(capabilities.get("add", ())) <= {"NET_BIND_SERVICE"}),
    }
    return frozenset(name for name, is_so in found.items() if is_so)


@every_release
def test_what_a_container_may_more_than_others_is_listed(tag: str) -> None:
    found: dict[str, frozenset[str]] = {}
    for name, one, spec in containers(tag):
        found[name] = found.get(name, frozenset()) | needs(one, spec)

    assert {name: more for name, more in found.items() if more} == EXCEPTIONS


def test_every_label_of_an_addon_has_an_effect_on_some_cluster() -> None:
    idle = {label.name for label in rendered.all_of_addons() if len(rendered.texts(label)) == 1}

    assert idle == USED_ELSEWHERE


def test_examples_are_of_labels_that_there_are() -> None:
    known = {label.name for label in rendered.all_of_addons()}

    assert [name for name in EXAMPLES if name.removeprefix("with ") not in known] == []


def test_addons_have_names_and_labels_of_their_own() -> None:
    names = [kind.name for kind in ADDONS]
    labels = [label.name for label in rendered.all_of_addons()]

    assert (len(names), len(labels)) == (len(set(names)), len(set(labels)))


@pytest.mark.parametrize("kind", ADDONS, ids=lambda kind: kind.name)
def test_an_addon_is_kept_out_by_each_image_that_is_not_pinned(kind: Any) -> None:
    release = rendered.RELEASES[rendered.NEWEST]
    bare = rendered.dataclasses.replace(release, images={}, manifests={})

    assert kind.missing(release) == ()
    assert kind.missing(bare) == (*kind.images, *kind.manifests)


def test_an_addon_that_is_not_wanted_is_not_rendered() -> None:
    setup = Setup(LabelValues({}), "flannel")

    assert [kind.name for kind in ADDONS if kind.name == "calico" and kind.is_wanted(setup)] == []
    assert "calico" not in rendered.addons(template={"network_driver": "flannel"})
