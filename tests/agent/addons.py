# SPDX-License-Identifier: Apache-2.0
"""A first master with a real client of a small API server, to try the phase of addons on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from magnum_lite.agent.api_server import APIServer
from magnum_lite.agent.course import Course
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.phases import addons
from magnum_lite.nodeconf import Addon, NodeDocument, Source, Upstream
from tests.agent.fake_kubernetes import FakeKubernetes

MANIFEST = (Path(__file__).parent / "manifests" / "network.yaml").read_bytes()
SOURCE = Source("https://manifests.example/network.yaml", "ab" * 32)
IMAGE = "mirror.example/network:v3@sha256:" + "c" * 64
UPSTREAM = Upstream(
    SOURCE,
    images={"quay.example:5000/network/node": IMAGE, "quay.example:5000/network/cni": IMAGE},
    environment={"network": {"POOL": "10.100.0.0/16"}},
)
DOCUMENT = NodeDocument(1, "cluster", "node", "k8s-master-0", "master", "127.32.0.10")


def an_object(kind: str, name: str, **rest: Any) -> dict[str, Any]:
    versions = {"Deployment": "apps/v1", "ClusterRoleBinding": "rbac.authorization.k8s.io/v1"}
    metadata = (
        {"name": name} if kind in {"ClusterRoleBinding", "Namespace"} else {"name": name, "namespace": "kube-system"}
    )
    return {"apiVersion": versions.get(kind, "v1"), "kind": kind, "metadata": metadata, **rest}


NAMES = Addon("names", (an_object("Deployment", "names"), an_object("ConfigMap", "names", data={"a": "b"})))
RIGHTS = Addon("rights", (an_object("ClusterRoleBinding", "rights"),))
NETWORK = Addon("network", (an_object("ConfigMap", "pool"),), (UPSTREAM,))


@dataclasses.dataclass
class Master:
    """What the phase uses of a machine; it has ``downloads`` by URL, and counts them."""

    fake: FakeKubernetes
    disk: Disk
    downloads: Mapping[str, bytes] = dataclasses.field(default_factory=lambda: {SOURCE.url: MANIFEST})
    downloaded: int = 0
    waits: int = 0

    def __post_init__(self) -> None:
        self._server = APIServer(self.disk, addons.KUBECONFIG, call_seconds=5)

    def kubernetes(self, kubeconfig: str) -> APIServer:
        assert kubeconfig == addons.KUBECONFIG
        return self._server

    def download(self, source: Source) -> bytes:
        self.downloaded += 1
        if source.url not in self.downloads:
            raise HostFailed(f"{source.url} does not answer")
        return self.downloads[source.url]

    def run(self, *wanted: Addon) -> list[str]:
        """Run the phase for a document with these addons; give its calls, but for those that learn kinds."""
        self.fake.calls.clear()
        addons.run(self.course(wanted))
        return self.acts()

    def acts(self) -> list[str]:
        return [one for one in self.fake.calls if not one.endswith(("/v1", "/v1beta1"))]

    def course(self, wanted: tuple[Addon, ...] | None) -> Course:
        unused = cast(Any, None)
        document = dataclasses.replace(DOCUMENT, addons=wanted)
        return Course(unused, document, unused, self.disk, cast(Any, self), unused, self._wait)

    def _wait(self, seconds: float) -> None:
        self.waits += 1

    def objects(self) -> set[str]:
        """Give the kind and name of all objects that there are, but for the inventory."""
        return {
            f"{one['kind']} {one['metadata']['name']}"
            for one in self.fake.objects.values()
            if one["metadata"]["name"] != "magnum-lite-addons"
        }
