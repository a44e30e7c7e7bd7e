# SPDX-License-Identifier: Apache-2.0
"""The first master marks the masters that Kubernetes knows, and makes no node that it does not know."""

from pathlib import Path
from typing import Any, cast

import pytest

from magnum_lite.agent.course import Course
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.kubernetes import Reference
from magnum_lite.agent.phases import roles
from magnum_lite.agent.simulated import SimulatedHost
from magnum_lite.nodeconf import Addon, Membership, NodeDocument

MASTERS = {"k8s-master-0": "https://127.32.0.10:2380", "k8s-master-1": "https://127.32.0.11:2380"}
MEMBERSHIP = Membership(
    unit="etcd.service",
    name="k8s-master-0",
    members=MASTERS,
    clients={},
    data="/var/lib/etcd/data",
    certificate="/etc/etcd/certs/server",
    authority="/etc/etcd/certs/ca.crt",
    environment="/etc/etcd/membership.env",
    may_begin=True,
)


class Cluster:
    """A master's machine, and what its Kubernetes knows of nodes."""

    def __init__(self, root: Path) -> None:
        self.host = SimulatedHost(Disk(root), lambda _: None)
        self.kubernetes = self.host.kubernetes(roles.KUBECONFIG)

    def register(self, *names: str) -> None:
        for name in names:
            self.kubernetes.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})

    def follow(self, addons: tuple[Addon, ...] | None = ()) -> None:
        document = NodeDocument(1, "c", "n", "k8s-master-0", "master", "127.32.0.10", addons=addons, etcd=MEMBERSHIP)
        unused = cast(Any, None)
        roles.run(Course(unused, document, unused, unused, self.host, unused, unused))

    def is_marked(self, name: str) -> bool | None:
        found = self.kubernetes.find(Reference("v1", "Node", name))
        return None if found is None else roles.LABEL in found["metadata"].get("labels", {})


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


def test_masters_are_marked_and_workers_are_not(cluster: Cluster) -> None:
    cluster.register(*MASTERS, "k8s-worker-0")

    cluster.follow()

    assert [cluster.is_marked(name) for name in (*MASTERS, "k8s-worker-0")] == [True, True, False]


def test_a_master_that_has_not_registered_is_not_made_and_is_marked_later(cluster: Cluster) -> None:
    cluster.register("k8s-master-0")
    cluster.follow()

    assert cluster.is_marked("k8s-master-1") is None
    cluster.register("k8s-master-1")
    cluster.follow()
    assert cluster.is_marked("k8s-master-1")


def test_another_master_marks_nobody(cluster: Cluster) -> None:
    cluster.register(*MASTERS)

    cluster.follow(addons=None)

    assert not cluster.is_marked("k8s-master-0")
