# SPDX-License-Identifier: Apache-2.0
"""Releases: ours pin everything, and a file that does not is refused."""

from pathlib import Path

import pytest

from magnum_lite.errors import ConfigurationError
from magnum_lite.releases import catalogue

COMPONENTS = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "pause"}
OURS = catalogue.FOLDER / f"{catalogue.DEFAULT}.yaml"


@pytest.mark.parametrize("tag", ["v1.34.7", "v1.35.4", "v1.36.0"])
def test_each_release_pins_every_component(tag: str) -> None:
    release = catalogue.find(tag)

    assert release is not None
    assert set(release.images) == COMPONENTS
    assert set(release.binaries["kubelet"]) == {"amd64", "arm64"}
    assert f"/{tag}/" in release.binaries["kubelet"]["amd64"].url


def test_releases_are_listed_oldest_first() -> None:
    assert list(catalogue.all_releases()) == ["v1.34.7", "v1.35.4", "v1.36.0"]


def test_the_default_is_there_and_an_unknown_one_is_not() -> None:
    assert catalogue.find(catalogue.DEFAULT) is not None
    assert catalogue.find("v1.0.0") is None


def test_a_prefix_takes_the_place_of_registry_and_path_and_keeps_the_digest() -> None:
    release = catalogue.all_releases()[catalogue.DEFAULT]
    digest = release.images["coredns"].partition("@")[2]

    assert release.image("coredns", "mirror.example:5000/k8s/") == f"mirror.example:5000/k8s/coredns:v1.13.1@{digest}"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("@sha256:278fb9db", "#sha256:278fb9db", "image pause is not pinned"),
        ("pause:3.10.1@sha256", "pause@sha256", "image pause is not pinned"),
        ("https://dl", "http://dl", "binary kubelet for amd64 needs an https URL"),
        ("sha256: 983a6b", "sha256: 983", "binary kubelet for amd64 needs"),
        ("release: v1.35.4", "release: v1.35.5", "calls itself v1.35.5"),
        ("binaries:", "downloads:", "must hold release, images and binaries"),
    ],
)
def test_what_is_not_pinned_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = OURS.read_text()
    assert old in text
    path = tmp_path / OURS.name
    path.write_text(text.replace(old, new))

    with pytest.raises(ConfigurationError, match=complaint):
        catalogue.read(path)
