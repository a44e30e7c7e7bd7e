# SPDX-License-Identifier: Apache-2.0
"""Our releases: each one complete in what is published, and honest about what is not."""

import re

import pytest

from magnum_lite.releases import skew
from magnum_lite.releases.catalogue import BINARIES, COMPONENTS, DEFAULT, FOLDER, MACHINES, Release
from magnum_lite.releases.image_names import ImageName, is_pinned
from magnum_lite.releases.installed import Releases

OURS = Releases.load()
TAGS = ["v1.34.6", "v1.34.7", "v1.35.3", "v1.35.4", "v1.36.0"]
# Whose digests the project publishes that makes the image; the others an operator pins.
OFFICIAL = "registry.k8s.io"
UNPUBLISHED = {
    "v1.34.7": {"network", "monitoring", "agent"},
    "v1.35.4": {"network", "monitoring", "agent", "cloud provider"},
    "v1.36.0": {"network", "monitoring", "agent", "cloud provider", "autoscaler"},
}
GROUPS = {
    "network": {"calico-node", "calico-cni", "calico-kube-controllers", "flannel", "flannel-cni-plugin"},
    "monitoring": {"node-exporter", "prometheus", "fluent-bit"},
    "agent": {"magnum-lite-agent"},
    "cloud provider": {
        "openstack-cloud-controller-manager",
        "cinder-csi-plugin",
        "k8s-keystone-auth",
        "magnum-auto-healer",
        "octavia-ingress-controller",
    },
    "autoscaler": {"cluster-autoscaler"},
}


def ours(tag: str) -> Release:
    release = OURS.find(tag)
    assert release is not None
    return release


def test_releases_are_listed_oldest_first() -> None:
    assert list(OURS.tags) == TAGS


def test_the_default_is_there_and_an_unknown_one_is_not() -> None:
    assert OURS.find(OURS.default) is not None
    assert OURS.find("v1.0.0") is None


@pytest.mark.parametrize("tag", TAGS)
def test_each_component_is_pinned_or_said_to_be_unpinned(tag: str) -> None:
    release = ours(tag)

    assert {*release.images, *release.unpinned} == set(COMPONENTS)
    assert set(release.images).isdisjoint(release.unpinned)


@pytest.mark.parametrize("tag", TAGS)
def test_our_own_digests_are_those_that_a_project_published_itself(tag: str) -> None:
    registries = {(ImageName.find(image) or ImageName("", "", "")).registry for image in ours(tag).images.values()}
    text = (FOLDER / f"{tag}.yaml").read_text()

    assert registries == {OFFICIAL}
    assert {line.split("@")[0] for line in re.findall(r"^# Digests: (.*)$", text, re.MULTILINE)} == {
        "kubernetes/k8s.io"
    }


@pytest.mark.parametrize("tag", TAGS)
def test_each_binary_is_pinned_for_each_machine(tag: str) -> None:
    release = ours(tag)

    assert set(release.binaries) == set(BINARIES)
    assert {name: set(one) for name, one in release.binaries.items()} == {key: set(MACHINES) for key in BINARIES}
    for machine in MACHINES:
        assert f"/{tag}/bin/linux/{machine}/" in release.binaries["kubelet"][machine].url


@pytest.mark.parametrize(("tag", "groups"), UNPUBLISHED.items())
def test_what_nobody_has_published_is_unpinned(tag: str, groups: set[str]) -> None:
    assert set(ours(tag).unpinned) == set().union(*(GROUPS[name] for name in groups))


def test_the_default_is_the_newest_of_those_that_pin_most() -> None:
    most = max(len(release.images) for release in OURS)

    assert [release.tag for release in OURS if len(release.images) == most][-1] == DEFAULT


@pytest.mark.parametrize("tag", TAGS)
def test_what_is_suggested_obeys_the_rules_of_skew_as_well(tag: str) -> None:
    release = ours(tag)
    digest = "@sha256:" + "ab" * 32
    suggested = {name: f"{image}{digest}" for name, image in release.unpinned.items()}
    complete = Release(release.tag, {**release.images, **suggested}, release.binaries, release.manifests)

    assert list(skew.broken_rules(complete)) == []


def test_a_prefix_takes_the_place_of_registry_and_path_and_keeps_the_digest() -> None:
    release = ours("v1.35.4")
    digest = release.images["coredns"].partition("@")[2]

    assert release.image("coredns", "mirror.example:5000/k8s/") == f"mirror.example:5000/k8s/coredns:v1.13.1@{digest}"


def test_a_mirror_of_downloads_keeps_host_and_path_behind_its_own() -> None:
    kubelet = ours("v1.35.4").binaries["kubelet"]["arm64"]

    assert kubelet.url_at("") == kubelet.url
    assert kubelet.url_at("http://mirror.example/d/") == (
        "http://mirror.example/d/dl.k8s.io/release/v1.35.4/bin/linux/arm64/kubelet"
    )


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag"),
    [
        ("quay.io/calico/node:v3.32.1", "quay.io", "calico/node", "v3.32.1"),
        ("127.0.0.1:5000/a:1", "127.0.0.1:5000", "a", "1"),
        ("mirror:5000/a/b__c/d-e:1", "mirror:5000", "a/b__c/d-e", "1"),
        ("localhost/a:1", "localhost", "a", "1"),
        # Docker would take this for one of its own registry, and somebody else's.
        ("magnum-lite-agent:latest", "", "magnum-lite-agent", "latest"),
        ("fluent/fluent-bit:5", "", "fluent/fluent-bit", "5"),
    ],
)
def test_an_image_names_its_registry_or_none(text: str, registry: str, repository: str, tag: str) -> None:
    found = ImageName.find(text)

    assert found == ImageName(registry, repository, tag)
    assert str(found) == text
    assert not is_pinned(text)
    assert is_pinned(f"{text}@sha256:{'ab' * 32}") is bool(registry)


@pytest.mark.parametrize(
    "text", ["", "node", "node:", ":v1", "Node:1", "quay.io/../node:1", "quay.io//node:1", "node:1@sha256:ab", "a:1\n"]
)
def test_what_is_no_image_is_none(text: str) -> None:
    assert ImageName.find(text) is None
