# SPDX-License-Identifier: Apache-2.0
"""tools/make-release writes a release from published lists, or asks a registry for what no list has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from magnum_lite.releases.catalogue import FOLDER
from magnum_lite.releases.installed import Releases
from magnum_lite.releases.release_files import read_release
from tests.releases import registries

TOOL = Path(__file__).parents[2] / "tools" / "make-release.d"
OURS = FOLDER / "v1.35.4.yaml"
OFFICIAL = "kubernetes/k8s.io@0123456789ab:images.yaml"


def make(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL / "new_release.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ, check=False)


def table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    path.write_text("".join("\t".join(row) + "\n" for row in (columns, *rows)))
    return path


@pytest.fixture
def ours() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(OURS.read_text())
    return found


@pytest.fixture
def images(tmp_path: Path, ours: dict[str, Any]) -> Path:
    """A table of the digests that our own file has, and one of somebody else."""
    rows = [(*image.partition("@")[0].rsplit(":", 1), image.partition("@")[2]) for image in ours["images"].values()]
    somebody = ("quay.io/calico/node", "v3.32.1", "sha256:" + "ab" * 32, "a public pin")
    unknown = ("quay.io/calico/cni", "v3.32.1", "", "")
    columns = ("image", "tag", "digest", "source")
    return table(tmp_path / "images.tsv", columns, [*((*row, OFFICIAL) for row in rows), somebody, unknown])


@pytest.fixture
def sums(tmp_path: Path) -> Path:
    release = read_release(OURS)
    return table(
        tmp_path / "sums.tsv", ("url", "sha256"), [(one.url, one.sha256) for one in release.downloads().values()]
    )


def test_our_own_release_comes_out_of_the_lists_it_was_made_from(
    tmp_path: Path, images: Path, sums: Path, ours: dict[str, Any]
) -> None:
    done = make("v1.35.4", "--output", tmp_path, "--images", images, "--sums", sums, "--note", "A line of its own.")
    path = tmp_path / "v1.35.4.yaml"

    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(path.read_text()) == ours
    assert f"# Digests: {OFFICIAL}\n# A line of its own.\n---\n" in path.read_text()


def test_the_files_that_lie_beside_downloads_are_read(tmp_path: Path, images: Path, ours: dict[str, Any]) -> None:
    folder = tmp_path / "mirror"
    for number, one in enumerate(read_release(OURS).downloads().values()):
        path = folder / one.url.removeprefix("https://")
        path.parent.mkdir(parents=True, exist_ok=True)
        # Alone, with a name, with a name that stands for binary mode, or one list for a whole folder.
        if path.name.startswith("runc"):
            with (path.parent / "runc.sha256sum").open("a") as file:
                file.write(f"{one.sha256} *{path.name}\n")
        else:
            end = (".sha256", ".sha256sum")[number % 2]
            text = (one.sha256, f"{one.sha256}  {path.name}\n")[number % 2]
            path.with_name(path.name + end).write_text(text)

    done = make("v1.35.4", "--output", tmp_path, "--images", images, "--sums", folder)

    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((tmp_path / "v1.35.4.yaml").read_text()) == ours


def test_a_sum_that_no_list_has_stops_it(tmp_path: Path, images: Path) -> None:
    empty = table(tmp_path / "empty.tsv", ("url", "sha256"), [])

    done = make("v1.35.4", "--output", tmp_path, "--images", images, "--sums", empty)

    assert done.returncode == 1
    assert "no list has the SHA-256 of https://dl.k8s.io/release/v1.35.4/bin/linux/amd64/kubelet" in done.stderr
    assert not (tmp_path / "v1.35.4.yaml").exists()


def test_a_release_without_a_control_plane_is_not_left_there(tmp_path: Path, sums: Path) -> None:
    nothing = table(tmp_path / "images.tsv", ("image", "tag", "digest", "source"), [])

    done = make("v1.35.4", "--output", tmp_path, "--images", nothing, "--sums", sums)

    assert done.returncode == 1
    assert "images.etcd is not there: every release must pin the control plane" in done.stderr
    assert not (tmp_path / "v1.35.4.yaml").exists()


def test_a_minor_that_nobody_described_is_told(tmp_path: Path) -> None:
    done = make("v1.33.1", "--output", tmp_path)

    assert done.returncode == 1
    assert "says nothing of 1.33; it knows 1.34, 1.35, 1.36" in done.stderr


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with registries.docker_registry(tmp_path_factory.mktemp("registry")) as url:
        yield url


def test_a_registry_is_asked_for_what_no_list_has(
    tmp_path: Path, images: Path, sums: Path, ours: dict[str, Any], registry: str
) -> None:
    wanted = {name: image for name, image in ours["unpinned"].items() if "/" in image}
    for image in wanted.values():
        name, _, tag = image.partition("/")[2].rpartition(":")
        registries.push(registry, name, tag)

    done = make(*("v1.35.4", "--output", tmp_path, "--images", images, "--sums", sums, "--ask", "--registry", registry))
    found = read_release(tmp_path / "v1.35.4.yaml")

    assert done.returncode == 0, done.stderr
    assert {name: image.partition("@")[0] for name, image in found.images.items() if name in wanted} == wanted
    assert set(found.unpinned) == {"magnum-lite-agent"}
    assert f"# Digests that no list had: {registry}, asked by tag\n" in (tmp_path / "v1.35.4.yaml").read_text()


def test_what_it_writes_an_installation_takes(tmp_path: Path, images: Path, sums: Path) -> None:
    components = yaml.safe_load((TOOL / "components.yaml").read_text())
    lists = {path: path.read_text().replace("v1.35.4", "v1.35.9") for path in (images, sums)}
    for path, text in lists.items():
        path.write_text(text)
    output = tmp_path / "own"
    output.mkdir()

    done = make("v1.35.9", "--output", output, "--images", images, "--sums", sums)

    assert done.returncode == 0, done.stderr
    assert "v1.35.9" in Releases.load([output]).tags
    assert set(components) == {"every", "1.34", "1.35", "1.36", "urls"}
