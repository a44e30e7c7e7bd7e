# SPDX-License-Identifier: Apache-2.0
"""A container of a node sees the files it is told of and no others, and may do nothing it need not."""

import re

import pytest

from tests.drivers import clusters, masters

PATH = re.compile(r"/etc/kubernetes/[\w./-]*\w")
OWN_FOLDERS = {"etcd": {"/var/lib/etcd"}, "kube-apiserver": {"/var/log/kubernetes"}}
OF_THE_HOST = {"kube-proxy": {"/lib/modules", "/run/xtables.lock"}}


@pytest.mark.parametrize("name", masters.CONTAINERS)
def test_a_container_sees_the_files_its_program_is_told_of_and_no_others(name: str) -> None:
    document = masters.of_master(clusters.a_built_cluster())
    texts = {one.path: one.content for one in document.files}
    found = masters.container(document, name)

    told = {path for word in found.command for path in PATH.findall(word)}
    # One file names another: a configuration its kubeconfig, that its certificate.
    for _ in range(3):
        told |= {path for one in told & texts.keys() for path in PATH.findall(texts[one])}
    seen = {volume.target for volume in found.volumes if volume.target.startswith("/etc/")}

    for path in told:
        assert any(path == one or path.startswith(f"{one}/") for one in seen), path
    for one in seen:
        assert any(path == one or path.startswith(f"{one}/") for path in told), one


@pytest.mark.parametrize("name", masters.CONTAINERS)
def test_a_container_writes_into_its_own_folder_alone(name: str) -> None:
    found = masters.container(masters.of_master(clusters.a_built_cluster()), name)

    assert {one.target for one in found.volumes if not one.is_read_only} == OWN_FOLDERS.get(name, set()) | (
        OF_THE_HOST.get(name, set()) - {"/lib/modules"}
    )


@pytest.mark.parametrize("name", masters.CONTROL_PLANE)
def test_a_part_of_the_control_plane_has_no_capability(name: str) -> None:
    found = masters.container(masters.of_master(clusters.a_built_cluster()), name)

    assert found.dropped == {"all"}
    # The API server's program is marked with this one in its image and would not be started without.
    assert found.added == ({"net_bind_service"} if name == "kube-apiserver" else set())
    assert found.is_read_only
    assert not found.is_privileged


@pytest.mark.parametrize("name", masters.CONTROL_PLANE)
def test_no_part_of_the_control_plane_sees_a_key_that_is_not_its_own(name: str) -> None:
    own = {
        "etcd": {"etcd"},
        "kube-apiserver": {
            "apiserver",
            "apiserver-etcd-client",
            "apiserver-kubelet-client",
            "front-proxy-client",
            "service-account",
        },
        "kube-controller-manager": {"controller-manager", "service-account"},
        "kube-scheduler": {"scheduler"},
    }
    found = masters.container(masters.of_master(clusters.a_built_cluster()), name)
    keys = [one.target for one in found.volumes if one.target.endswith(".key")]

    assert {path.rpartition("/")[2].removesuffix(".key") for path in keys} == own[name]
    assert "/etc/kubernetes/pki" not in {one.target for one in found.volumes}


def test_everything_that_is_mounted_is_on_the_node() -> None:
    document = masters.of_master(clusters.a_built_cluster())
    there = masters.paths_of(document)
    folders = {path.rpartition("/")[0] for path in there}

    for name in masters.CONTAINERS:
        for volume in masters.container(document, name).volumes:
            if volume.source.startswith("/etc/"):
                assert volume.source in there | folders, name
