# SPDX-License-Identifier: Apache-2.0
"""Programs are looked for where envtest looks for them."""

from pathlib import Path

import pytest

from tests.kubernetes import given


def program(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_program_of_its_own_variable_comes_first(tmp_path: Path) -> None:
    program(tmp_path / "assets", "kube-apiserver")
    environment = {"TEST_ASSET_KUBE_APISERVER": "/given", "KUBEBUILDER_ASSETS": str(tmp_path / "assets")}

    assert given.find("kube-apiserver", environment) == Path("/given")


def test_then_comes_the_folder_and_then_the_path(tmp_path: Path) -> None:
    in_folder, in_path = program(tmp_path / "assets", "etcd"), program(tmp_path / "path", "kubectl")
    program(tmp_path / "path", "etcd")
    environment = {"KUBEBUILDER_ASSETS": str(tmp_path / "assets"), "PATH": str(tmp_path / "path")}

    assert given.find("etcd", environment) == in_folder
    assert given.find("kubectl", environment) == in_path
    assert given.find("kubelet", environment) is None


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    program(tmp_path, "etcd")
    program(tmp_path, "kubectl").chmod(0o644)
    environment = {"PATH": str(tmp_path), "KUBEBUILDER_ASSETS": str(tmp_path), "TEST_ASSET_KUBELET": "/not/there"}

    assert given.missing(("etcd", "kubectl", "kubelet"), environment) == ["kubectl", "kubelet"]


def test_the_tests_can_be_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_KUBE", "1")

    with pytest.raises(pytest.fail.Exception, match="because"):
        given.refuse("because")
