# SPDX-License-Identifier: Apache-2.0
"""A node for tests: a root folder with boot files, documents for it, and agents that look after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from magnum_lite.agent import boot
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.host import Host
from magnum_lite.agent.loop import Agent
from magnum_lite.agent.pace import Pace
from magnum_lite.agent.simulated import STATE_FILE, SimulatedHost
from magnum_lite.nodeconf import (
    CLUSTER_FILE,
    NODE_FILE,
    SIGNAL_TOKEN_FILE,
    SIGNAL_URL_FILE,
    Binary,
    CertificateRequest,
    ClusterFile,
    File,
    NodeDocument,
    NodeFile,
    Source,
    Unit,
)
from tests.agent.control_plane import NODE, SIGNAL_TOKEN, TOKEN, ControlPlane

CLUSTER = "0c3d7d3e-5d55-4dd2-9a4b-b6d0a8a4c001"
UNITS = Path(__file__).parent / "units"
ETCD_IMAGE = "registry.example/etcd:v3.6.8@sha256:" + "e" * 64
KUBELET_IMAGE = "registry.example/kubelet:v1.35.4@sha256:" + "b" * 64
KUBELET = Binary(
    "kubelet",
    {
        "amd64": Source("https://downloads.example/amd64/kubelet", "1" * 64),
        "arm64": Source("https://downloads.example/arm64/kubelet", "2" * 64),
    },
    {"": "/usr/local/bin/kubelet"},
)
ETCD_URL = "https://127.32.0.10:2379/health"


def a_unit(name: str, *, image: str | None = None, ready: str | None = "active") -> Unit:
    return Unit(name, (UNITS / name).read_text(), image, ready)


def a_document(plane: ControlPlane, **changes: Any) -> NodeDocument:
    """Give a master's document: two certificates, two authorities, three files, a program and three units."""
    whole = NodeDocument(
        generation=1,
        cluster=CLUSTER,
        node=NODE,
        name="k8s-master-0",
        role="master",
        address="127.32.0.10",
        certificates=(
            CertificateRequest(
                "kubelet",
                "kubernetes",
                "/etc/kubernetes/certs/kubelet",
                "system:node:k8s-master-0",
                "system:nodes",
                dns=("k8s-master-0",),
                ips=("127.32.0.10",),
            ),
            CertificateRequest("etcd", "etcd", "/etc/etcd/certs/server", "k8s-master-0", ips=("127.32.0.10",)),
        ),
        authorities={name: one.pem for name, one in plane.authorities.items()},
        authority_paths={"kubernetes": "/etc/kubernetes/certs/ca.crt", "etcd": "/etc/etcd/certs/ca.crt"},
        files=(
            File("/etc/etcd/etcd.env", "ETCD_NAME=k8s-master-0\n"),
            File("/etc/kubernetes/kubelet.env", "KUBELET_ARGUMENTS=--config=/etc/kubernetes/kubelet.json\n"),
            File("/etc/kubernetes/kubelet.json", '{"address": "127.32.0.10"}\n', 0o600),
        ),
        binaries=(KUBELET,),
        units=(
            a_unit("prepare.service", ready=None),
            a_unit("etcd.service", image=ETCD_IMAGE, ready=ETCD_URL),
            a_unit("kubelet.service", image=KUBELET_IMAGE),
        ),
        versions={"etcd": ETCD_IMAGE, "kubelet": KUBELET_IMAGE},
    )
    return replace(whole, **changes)


@dataclass
class Node:
    """One node below ``root``, whose control plane is ``plane``."""

    root: Path
    plane: ControlPlane
    poll_seconds: float = 30.0
    pace: Pace = field(default_factory=Pace)
    make_host: Callable[[Disk, Callable[[float], None]], Host] = SimulatedHost

    def boot(self, *, has_handle: bool = True, api_ca: str | None = None) -> None:
        """Lay the boot files as Ignition would."""
        cluster = ClusterFile(f"{self.plane.url}/v1", CLUSTER, api_ca, self.poll_seconds)
        self.write(f"/{CLUSTER_FILE}", cluster.to_json())
        self.write(f"/{NODE_FILE}", NodeFile(NODE, "k8s-master-0", TOKEN).to_json())
        if has_handle:
            self.write(f"/{SIGNAL_URL_FILE}", f"{self.plane.url}/heat/signal")
            self.write(f"/{SIGNAL_TOKEN_FILE}", f"{SIGNAL_TOKEN}\n")

    def agent(self, *, ready_seconds: float = 5.0) -> Agent:
        """Begin as after a start of the agent's process: with what is on the disk and nothing else."""
        disk = Disk(self.root)
        self.host = self.make_host(disk, self.pace.wait)
        return Agent(boot.read(disk), disk, self.host, self.pace, ready_seconds=ready_seconds)

    def trouble(self, **settings: object) -> None:
        """Say what goes wrong on the simulated machine from now on; nothing when nothing is given."""
        self.write("/simulate.json", json.dumps(settings))

    def write(self, path: str, text: str) -> None:
        Disk(self.root).write(path, text, 0o600)

    def read(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()

    def machine(self) -> dict[str, Any]:
        """Give what the simulated machine knows: its images and its units."""
        found: dict[str, Any] = json.loads(self.read(STATE_FILE))
        return found

    def starts(self) -> dict[str, int]:
        return {name: unit["starts"] for name, unit in self.machine()["units"].items()}
