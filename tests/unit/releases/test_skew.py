# SPDX-License-Identifier: Apache-2.0
"""The rules of version skew: what goes together in a release, and which release may follow which."""

import dataclasses

import pytest

from magnum_lite.releases import skew
from magnum_lite.releases.catalogue import Binary, Release
from magnum_lite.releases.installed import Releases

OURS = Releases.load()
SUM = "ab" * 32


def ours(tag: str) -> Release:
    found = OURS.find(tag)
    assert found is not None
    return found


def a_release(tag: str = "v1.35.4", **images: str) -> Release:
    """One of ours with other images, named by component with underscores and given as tags."""
    release = ours(tag)
    named = {
        component.replace("_", "-"): f"r.example/x:{version}@sha256:{SUM}" for component, version in images.items()
    }
    return dataclasses.replace(release, images={**release.images, **named})


def with_tag(tag: str) -> Release:
    return dataclasses.replace(ours("v1.35.4"), tag=tag)


def with_containerd(version: str, tag: str) -> Release:
    release = ours(tag)
    url = f"https://github.com/containerd/containerd/releases/download/v{version}/containerd.tar.gz"
    return dataclasses.replace(release, binaries={**release.binaries, "containerd": {"amd64": Binary(url, SUM)}})


@pytest.mark.parametrize(
    ("component", "good", "old", "new"),
    [
        ("kube-controller-manager", "v1.34.0", "v1.33.9", "v1.36.0"),
        ("kube-scheduler", "v1.34.0", "v1.33.9", "v1.36.0"),
        ("kube-proxy", "v1.32.0", "v1.31.0", "v1.36.0"),
        ("openstack-cloud-controller-manager", "v1.34.1", "v1.33.1", "v1.36.0"),
        ("cinder-csi-plugin", "v1.34.1", "v1.33.1", "v1.36.0"),
        ("cluster-autoscaler", "v1.35.0", "v1.34.3", "v1.36.0"),
    ],
)
def test_a_component_may_be_so_much_older_than_the_api_server_and_never_newer(
    component: str, good: str, old: str, new: str
) -> None:
    def broken(version: str) -> list[str]:
        return list(skew.broken_rules(a_release(**{component: version})))

    assert broken(good) == []
    assert [line.partition(": ")[0] for line in broken(old)] == [f"images.{component}"]
    assert "is too old for an API server of 1.35" in broken(old)[0]
    assert "is newer than the API server, which is of 1.35" in broken(new)[0]


@pytest.mark.parametrize(
    ("tag", "version", "is_taken"),
    [
        ("v1.34.7", "1.7.28", True),
        ("v1.34.7", "1.7.27", False),
        ("v1.35.4", "2.1.5", True),
        ("v1.35.4", "2.0.11", False),
        ("v1.36.0", "1.7.34", False),
        ("v1.36.0", "2.3.4", True),
    ],
)
def test_containerd_is_of_a_line_that_is_for_the_minor(tag: str, version: str, is_taken: bool) -> None:
    assert (list(skew.broken_rules(with_containerd(version, tag))) == []) is is_taken


def test_the_api_server_and_the_kubelet_are_those_of_the_release() -> None:
    broken = list(skew.broken_rules(with_tag("v1.35.5")))

    assert [line.partition(": ")[0] for line in broken] == [
        "images.kube-apiserver",
        "binaries.kubelet.amd64",
        "binaries.kubelet.arm64",
    ]


def test_calico_is_of_one_version_with_its_manifest_and_tested_with_the_minor() -> None:
    mixed = list(skew.broken_rules(a_release(calico_node="v3.32.1", calico_cni="v3.32.0")))
    untested = dataclasses.replace(a_release("v1.36.0", calico_node="v3.31.7"), manifests={})

    assert mixed == ["images.calico-cni: Calico's images and its manifest are of one version, here 3.32.0 and others"]
    assert list(skew.broken_rules(untested)) == ["images.calico-node: Calico 3.31.7 is not tested with Kubernetes 1.36"]


@pytest.mark.parametrize(
    ("current", "wanted", "reason"),
    [
        ("v1.34.7", "v1.34.7", None),
        ("v1.34.6", "v1.34.7", None),
        ("v1.34.7", "v1.35.3", None),
        ("v1.35.4", "v1.36.0", None),
        ("v1.34.7", "v1.36.0", "is more than one minor"),
        ("v1.34.7", "v1.34.6", "v1.34.6 is older than v1.34.7, and Kubernetes does not go back"),
        ("v1.36.0", "v1.35.4", "does not go back"),
    ],
)
def test_releases_follow_each_other_one_minor_at_a_time_and_never_back(
    current: str, wanted: str, reason: str | None
) -> None:
    found = skew.may_upgrade(ours(current), ours(wanted))

    assert (found or "").endswith(reason or "") or reason in (found or "")
    assert (found is None) is (reason is None)


def test_patches_are_ordered_as_numbers() -> None:
    assert skew.may_upgrade(with_tag("v1.35.9"), with_tag("v1.35.10")) is None
    assert skew.may_upgrade(with_tag("v1.35.10"), with_tag("v1.35.9")) is not None


@pytest.mark.parametrize(
    ("old", "new", "is_taken"),
    [("3.5.24-0", "3.6.5-0", True), ("3.5.23-0", "3.6.5-0", False), ("3.6.5-0", "3.5.24-0", False)],
)
def test_etcd_goes_forward_and_from_far_enough(old: str, new: str, is_taken: bool) -> None:
    assert (skew.may_upgrade(a_release(etcd=old), a_release(etcd=new)) is None) is is_taken


@pytest.mark.parametrize(
    ("kubelet", "apiserver", "is_taken"),
    [
        ("v1.36.0", "v1.36.0", True),
        ("v1.33.0", "v1.36.0", True),
        ("v1.32.9", "v1.36.0", False),
        ("v1.36.0", "v1.35.4", False),
    ],
)
def test_a_kubelet_is_up_to_three_minors_older_than_the_api_server(
    kubelet: str, apiserver: str, is_taken: bool
) -> None:
    assert (skew.kubelet_may_run(kubelet, apiserver) is None) is is_taken
