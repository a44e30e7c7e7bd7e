# SPDX-License-Identifier: Apache-2.0
"""The quickstart tells of every component whether it is what the release pins."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "tools" / "quickstart.d"
DIGEST, OTHER = "sha256:" + "ab" * 32, "sha256:" + "cd" * 32
ETCD = f"registry.example/etcd:3.6.8-0@{DIGEST}"
SUMS = {one: {"url": f"https://downloads.example/v1.36.0/{one}", "sha256": "ef" * 32} for one in ("amd64", "arm64")}
RELEASE = {"tag": "v1.36.0", "images": {"etcd": ETCD}, "binaries": {"kubelet": SUMS}}


@pytest.fixture(scope="module")
def components() -> ModuleType:
    """The module as the quickstart itself loads it, which is no package."""
    spec = importlib.util.spec_from_file_location("components", FOLDER / "components.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules["components"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def node(index: int, versions: dict[str, str] | None) -> dict[str, Any]:
    return {"role": "master", "index": index, "versions": versions}


def test_what_all_nodes_run_alike_is_one_line(components: ModuleType) -> None:
    lines = components.compare([node(0, {"etcd": ETCD}), node(1, {"etcd": ETCD}), node(2, None)], RELEASE)

    assert [line.columns() for line in lines] == [
        ("etcd", "3.6.8-0", "sha256:abababababab", "master-0 master-1", "the same")
    ]


@pytest.mark.parametrize(
    ("component", "reported", "is_pinned"),
    [
        ("etcd", f"mirror.example/a/etcd:3.6.8-0@{DIGEST}", True),
        ("etcd", f"registry.example/etcd:3.6.8-0@{OTHER}", False),
        ("etcd", "registry.example/etcd:3.6.8-0", False),
        ("unknown", ETCD, False),
        ("kubelet", "v1.36.0", True),
        ("kubelet", "v1.36.1", False),
    ],
)
def test_only_the_digest_or_the_programs_version_counts(
    components: ModuleType, component: str, reported: str, is_pinned: bool
) -> None:
    (line,) = components.compare([node(0, {component: reported})], RELEASE)

    assert (line.is_pinned, line.columns()[4]) == (is_pinned, "the same" if is_pinned else "DIFFERS")


def test_a_program_is_shown_with_the_sum_that_it_was_laid_with(components: ModuleType) -> None:
    (line,) = components.compare([node(0, {"kubelet": "v1.36.0"})], RELEASE)

    assert line.columns()[2] == "sha256:efefefefefef"


def test_the_table_is_aligned_under_its_heading(components: ModuleType) -> None:
    heading, row = components.table(components.compare([node(0, {"etcd": ETCD})], RELEASE))

    assert heading.index("digest") == row.index("sha256:")
    assert row.endswith("the same")


def test_the_release_is_that_of_the_kubelets(components: ModuleType) -> None:
    assert components.tag_of([node(0, None), node(1, {"kubelet": "v1.36.0"})]) == "v1.36.0"
    assert components.tag_of([node(0, {})]) is None
