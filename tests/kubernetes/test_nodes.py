# SPDX-License-Identifier: Apache-2.0
"""Kubelets in network namespaces become Ready and run a pod, where root, containerd and the kubelet are given."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator

import pytest

from tests.kubernetes import given, tiny_image
from tests.kubernetes.given import Given
from tests.kubernetes.namespaces import NoNamespaces
from tests.kubernetes.nodes import WholeNode, kubectl, whole_nodes
from tests.kubernetes.real import Client


@pytest.fixture(scope="module")
def programs() -> Given:
    if platform.machine() != "x86_64":
        given.refuse("the image of the tests is for x86-64 alone")
    return given.needed(*given.CONTROL_PLANE, *given.NODE)


@pytest.fixture(scope="module")
def nodes(programs: Given, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WholeNode, ...]]:
    """A master and a worker; their agents have said that all is ready, which is to say that Kubernetes does."""
    folder = tmp_path_factory.mktemp("whole")
    lent, image = programs.folder(folder / "programs"), tiny_image.write(folder / "tiny.tar")
    try:
        with whole_nodes(folder, programs) as nodes:
            for node in nodes:
                node.run(lent)
                node.load(programs.programs["ctr"], image)
            yield nodes
    except NoNamespaces as error:
        given.refuse(str(error))


@pytest.fixture(scope="module")
def admin(programs: Given, nodes: tuple[WholeNode, ...]) -> Client:
    return kubectl(programs, nodes[0])


def test_every_node_is_ready(admin: Client, nodes: tuple[WholeNode, ...]) -> None:
    found = admin.read("nodes")["items"]
    ready = {
        one["metadata"]["name"]
        for one in found
        for condition in one["status"]["conditions"]
        if (condition["type"], condition["status"]) == ("Ready", "True")
    }

    assert ready == {node.name for node in nodes}


def test_a_worker_runs_a_pod_and_its_log_is_read_through_the_api_server(
    admin: Client, nodes: tuple[WholeNode, ...]
) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "tiny"},
        "spec": {"containers": [{"name": "tiny", "image": tiny_image.NAME, "imagePullPolicy": "Never"}]},
    }

    # A namespace's own service account comes a moment after the namespace.
    admin.run("wait", "--for=create", "serviceaccount/default", "--timeout=30s")
    admin.run("apply", "--server-side", "--filename=-", text=json.dumps(pod))
    admin.run("wait", "--for=condition=Ready", "pod/tiny", "--timeout=60s")

    assert admin.read("pod/tiny")["spec"]["nodeName"] == nodes[1].name
    assert admin.run("logs", "tiny") == tiny_image.WORD.decode()
    admin.run("delete", "pod", "tiny", "--now")
