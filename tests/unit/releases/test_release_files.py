# SPDX-License-Identifier: Apache-2.0
"""A file that pins too little, says too much or is of another release is refused by a sentence with its name."""

from pathlib import Path

import pytest

from magnum_lite.errors import ConfigurationError
from magnum_lite.releases.catalogue import FOLDER
from magnum_lite.releases.installed import Releases
from magnum_lite.releases.release_files import read_release

OURS = FOLDER / "v1.35.4.yaml"
DIGEST = "sha256:" + "ab" * 32


def own(folder: Path, tag: str = "v1.35.9") -> Path:
    """A release of an operator, made from ours."""
    path = folder / f"{tag}.yaml"
    path.write_text(OURS.read_text().replace("v1.35.4", tag))
    return path


def pins(folder: Path, text: str, tag: str = "v1.34.7") -> Path:
    path = folder / f"{tag}.pins.yaml"
    path.write_text(f"pins: {tag}\n{text}")
    return path


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("@sha256:278fb9db", "#sha256:278fb9db", "images.pause is not pinned"),
        ("pause:3.10.1@sha256", "pause@sha256", "images.pause is not pinned"),
        ("pause: registry.k8s.io/", "pause: ", r"images.pause is not pinned \(pause:3.*it takes REGISTRY/PATH:TAG@"),
        ("  pause: ", "  break: ", "images.break is not known: it takes one of etcd, kube-apiserver"),
        ("  pause: ", "  coredns: ", "coredns stands there twice"),
        ("  kube-scheduler: ", "  flannel: ", "images.kube-scheduler is not there: every release must pin"),
        ("https://dl", "ftp://dl", "binaries.kubelet.amd64.url is ftp://dl.k8s.io.*: it takes a URL that begins with"),
        ("sha256: 983a6b", "sha256: 983", r"binaries.kubelet.amd64.sha256 is not pinned \(983.*64 hexadecimal digits"),
        ("    arm64:", "    sparc:", "binaries.kubelet.sparc is not known: it takes one of amd64, arm64"),
        ("  runc:\n", "  crun:\n", "binaries.crun is not known"),
        ("release: v1.35.4", "release: v1.35.5", "release is v1.35.5: a file of this name is for v1.35.4"),
        ("release: v1.35.4", "release: newest", "release is 'newest': it takes a release such as"),
        ("binaries:", "downloads:", "downloads is not known: it takes one of release, images, binaries"),
        ("  calico-node: quay.io/calico/node:v3.32.1", "  calico-node: 3.32", "unpinned.calico-node is 3.32: it takes"),
        ("unpinned:\n", f"unpinned:\n  pause: pause@{DIGEST}\n", "unpinned.pause is"),
        ("unpinned:\n", "unpinned:\n  pause: r.example/pause:3\n", "unpinned.pause is among images too"),
        ("release: v1.35.4", "release: [", "cannot be read"),
    ],
)
def test_what_a_release_may_not_say_is_told(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = OURS.read_text()
    assert old in text
    path = tmp_path / OURS.name
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(ConfigurationError, match=rf"release file {path}.*{complaint}"):
        read_release(path)


def test_a_binary_for_fewer_machines_than_the_others_is_refused(tmp_path: Path) -> None:
    text = OURS.read_text()
    start = text.index("    arm64:", text.index("  runc:"))
    path = tmp_path / OURS.name
    path.write_text(text[:start] + text[text.index("  cni-plugins:") :])

    with pytest.raises(ConfigurationError, match=r"binaries\.runc is for amd64: all must be for the same machines"):
        read_release(path)


def test_an_operators_folder_adds_releases(tmp_path: Path) -> None:
    own(tmp_path)
    (tmp_path / "README.txt").write_text("ours")
    (tmp_path / ".v1.35.9.yaml.half").write_text("half")

    found = Releases.load([tmp_path])

    assert "v1.35.9" in found.tags
    assert set(Releases.load().tags) < set(found.tags)


def test_a_release_in_two_files_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    own(tmp_path)
    own(other)

    with pytest.raises(ConfigurationError, match=rf"v1.35.9 is in two files, {tmp_path}/v1.35.9.yaml and {other}"):
        Releases.load([tmp_path, other])


def test_a_release_of_ours_is_changed_by_pins_and_not_by_a_second_file(tmp_path: Path) -> None:
    own(tmp_path, "v1.34.7")

    with pytest.raises(ConfigurationError, match=r"in two files.*to change a release, put v1.34.7.pins.yaml beside"):
        Releases.load([tmp_path])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\[releases\] directories: .*/none is no directory"):
        Releases.load([tmp_path / "none"])


def test_pins_add_to_a_release_and_win_over_it(tmp_path: Path) -> None:
    calico, pause = f"quay.io/calico/node:v3.32.1@{DIGEST}", f"mirror.example/pause:3.10.2@{DIGEST}"
    pins(tmp_path, f"images:\n  calico-node: {calico}\n  pause: {pause}\n")

    found = Releases.load([tmp_path]).find("v1.34.7")

    assert found is not None
    assert (found.images["calico-node"], found.images["pause"]) == (calico, pause)
    assert "calico-node" not in found.unpinned
    assert "calico-cni" in found.unpinned


def test_pins_of_a_later_folder_win(tmp_path: Path) -> None:
    folders = [tmp_path / "1", tmp_path / "2"]
    for number, folder in enumerate(folders):
        folder.mkdir()
        pins(folder, f"images:\n  pause: r.example/pause:{number}@{DIGEST}\n")

    found = Releases.load(folders).find("v1.34.7")

    assert found is not None
    assert found.images["pause"] == f"r.example/pause:1@{DIGEST}"


def test_pins_take_downloads_too(tmp_path: Path) -> None:
    pins(tmp_path, f"manifests:\n  calico: {{url: 'http://m.example/v3.32.1/calico.yaml', sha256: {'ab' * 32}}}\n")

    found = Releases.load([tmp_path]).find("v1.34.7")

    assert found is not None
    assert found.manifests["calico"].url == "http://m.example/v3.32.1/calico.yaml"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("images:\n  calico-node: quay.io/calico/node:v3.32.1\n", "pin file .*images.calico-node is not pinned"),
        ("unpinned: {}\n", "pin file .*unpinned is not known: it takes one of pins, images"),
        ("images: []\nbinaries: 3\n", "pin file .*binaries is 3: it takes a mapping of kubelet"),
        (
            f"images:\n  calico-node: quay.io/calico/node:v3.31.7@{DIGEST}\n",
            r"release v1.34.7 \(.*v1.34.7.yaml, .*v1.34.7.pins.yaml\): manifests.calico: Calico's images and",
        ),
    ],
)
def test_what_pins_may_not_say_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    pins(tmp_path, text)

    with pytest.raises(ConfigurationError, match=complaint):
        Releases.load([tmp_path])


def test_pins_for_a_release_that_is_not_there_are_refused(tmp_path: Path) -> None:
    pins(tmp_path, "images: {}\n", "v1.2.3")

    with pytest.raises(ConfigurationError, match=r"v1.2.3.pins.yaml: there is no release v1.2.3: v1.34.6, v1.34.7"):
        Releases.load([tmp_path])
