# SPDX-License-Identifier: Apache-2.0
"""Another project's manifest is adjusted as objects, and one that does not fit its adjustments is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from magnum_lite.agent.errors import BadDocument
from magnum_lite.agent.upstream import LONGEST_MANIFEST, adjusted, merged
from magnum_lite.nodeconf import Source, Upstream

SOURCE = Source("https://manifests.example/network.yaml", "ab" * 32)
MANIFEST = (Path(__file__).parent / "manifests" / "network.yaml").read_bytes()
NODE = "mirror.example/node:v3@sha256:" + "c" * 64
CNI = "mirror.example/cni:v3@sha256:" + "d" * 64
IMAGES = {"quay.example:5000/network/node": NODE, "quay.example:5000/network/cni": CNI}


def by_kind(manifest: bytes = MANIFEST, **changes: Any) -> dict[str, Any]:
    found = adjusted(manifest, Upstream(SOURCE, **{"images": IMAGES, **changes}))
    return {item["kind"]: item for item in found}


def pod(items: dict[str, Any], kind: str = "DaemonSet") -> Any:
    return items[kind]["spec"]["template"]["spec"]


def test_every_image_is_replaced_by_the_pinned_one() -> None:
    spec = pod(by_kind())

    assert [one["image"] for one in (*spec["initContainers"], *spec["containers"])] == [CNI, NODE]


def test_images_are_found_however_deep_pods_are_described() -> None:
    job = by_kind()["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    assert job["containers"][0]["image"] == NODE


def test_an_image_that_is_not_pinned_is_refused() -> None:
    with pytest.raises(BadDocument, match=r"runs the image quay\.example:5000/network/cni:v3\.32\.1@sha256:\S+, which"):
        by_kind(images={"quay.example:5000/network/node": NODE})


def test_a_definition_of_a_kind_is_left_as_it_is() -> None:
    schema = by_kind()["CustomResourceDefinition"]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]

    assert schema["properties"]["containers"]["default"] == [{"name": "a", "image": "of nobody"}]


def test_a_variable_is_set_whatever_it_was_before() -> None:
    spec = pod(by_kind(environment={"network": {"POOL": "10.100.0.0/16", "MTU": "1400", 'NEW "$(x)"': "`y`\n"}}))

    assert spec["containers"][0]["env"] == [
        {"name": "KEPT", "value": "yes"},
        {"name": "POOL", "value": "10.100.0.0/16"},
        {"name": "MTU", "value": "1400"},
        {"name": 'NEW "$(x)"', "value": "`y`\n"},
    ]


def test_a_container_without_variables_gets_them() -> None:
    spec = pod(by_kind(environment={"install": {"A": "b"}}))

    assert spec["initContainers"][0]["env"] == [{"name": "A", "value": "b"}]


def test_variables_of_a_container_that_is_not_there_are_told() -> None:
    with pytest.raises(BadDocument, match="has no container networks, whose variables"):
        by_kind(environment={"networks": {"A": "b"}})


def test_an_object_is_patched() -> None:
    patches = {"ConfigMap/settings": {"data": {"mtu": "1400", "backend": None}}}

    assert by_kind(patches=patches)["ConfigMap"]["data"] == {"mtu": "1400", "date": "2012-10-17"}


def test_an_object_is_left_out() -> None:
    assert "CronJob" not in by_kind(patches={"CronJob/sweep": None})


def test_an_object_that_is_left_out_may_have_any_image() -> None:
    images = {"quay.example:5000/network/cni": CNI}

    assert set(by_kind(images=images, patches={"CronJob/sweep": None, "DaemonSet/network": None})) == {
        "CustomResourceDefinition",
        "ConfigMap",
    }


def test_a_patch_of_an_object_that_is_not_there_is_told() -> None:
    with pytest.raises(BadDocument, match="has no Deployment/network to be patched"):
        by_kind(patches={"Deployment/network": None})


def test_an_empty_manifest_has_nothing_to_be_adjusted() -> None:
    assert by_kind(b"", environment={"network": {"A": "b"}}, patches={"A/b": None}) == {}


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (b"a: [", "is no YAML"),
        (b"it: !!python/object/apply:os.getcwd []", "is no YAML"),
        (b"\xff\xfe\xfa", "is no YAML"),
        (b"[1, 2]", "must have apiVersion, kind"),
        (b"kind: ConfigMap", "must have apiVersion, kind"),
        (b"#" * (LONGEST_MANIFEST + 1), "is longer than"),
    ],
)
def test_what_is_no_manifest_is_refused(manifest: bytes, reason: str) -> None:
    with pytest.raises(BadDocument, match=reason):
        by_kind(manifest)


# The examples of RFC 7396, appendix A.
@pytest.mark.parametrize(
    ("value", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_its_standard_says(value: Any, patch: Any, result: Any) -> None:
    assert merged(value, patch) == result
