# SPDX-License-Identifier: Apache-2.0
"""Whole nodes, kubelet and containerd included, each in a network namespace and a room of its own."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.rooms.room import Room
from magnum_lite.drivers import placeholders
from magnum_lite.model import Cluster, Node
from magnum_lite.nodeconf import CLUSTER_FILE, NODE_FILE, ClusterFile, File, NodeDocument, NodeFile
from tests.agent.authority import Authority
from tests.agent.control_plane import TOKEN, ControlPlane
from tests.drivers import clusters
from tests.kubernetes import namespaces
from tests.kubernetes.given import CNI_FOLDER, Given
from tests.kubernetes.real import PKI, Client
from tests.system.processes import wait_until

TOP = Path(__file__).parents[2]
OVERLAY = Path(__file__).parent / "node"
SUBNET = "10.99.17.0/24"
READY_SECONDS = 150
END_SECONDS = 20.0
CONTROL_GROUPS = Path("/sys/fs/cgroup")
KUBELET = "/etc/kubernetes/kubelet.json"
# Kernel settings that a kubelet puts right for the whole machine.
KERNEL = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)


class WholeNode:
    """One node of the cluster, with an API of its own to get its document from."""

    def __init__(self, cluster: Cluster, node: Node, root: Path, plane: ControlPlane) -> None:
        self.name = node.name
        self.root = root
        self.plane = plane
        self._secrets = _secrets(plane)
        self.document = self._document(cluster, node)
        plane.document = self.document

    def _document(self, cluster: Cluster, node: Node) -> NodeDocument:
        """Give the driver's document with the few settings that this machine needs, and addons without images."""
        found = clusters.driver().node_document(cluster, node, self._secrets)
        addons = found.addons and tuple(one for one in found.addons if one.name == "rbac")
        laid = (path for path in OVERLAY.rglob("*.*") if path.is_file())
        overlay = {f"/{path.relative_to(OVERLAY)}": path.read_text() for path in laid}
        files = [file for file in found.files if file.path not in overlay]
        files = [self._for_this_machine(file) if file.path == KUBELET else file for file in files]
        more = (File(path, text) for path, text in overlay.items())
        return dataclasses.replace(found, addons=addons, files=(*files, *more))

    def _for_this_machine(self, file: File) -> File:
        settings = json.loads(file.content) | {
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{self.name}",
            "failCgroupV1": False,
            "protectKernelDefaults": False,
            "resolvConf": "/etc/resolv.conf",
            "shutdownGracePeriod": "0s",
            "shutdownGracePeriodCriticalPods": "0s",
        }
        return dataclasses.replace(file, content=json.dumps(settings))

    def boot(self) -> None:
        """Lay the boot files as Ignition would."""
        disk = Disk(self.root)
        told = ClusterFile(f"{self.plane.url}/v1", self.document.cluster, None, 5.0)
        disk.write(f"/{CLUSTER_FILE}", told.to_json())
        disk.write(f"/{NODE_FILE}", NodeFile(self.document.node, self.name, TOKEN).to_json(), 0o600)
        disk.write("/etc/magnum-lite/proxy.env", "")
        disk.write("/etc/machine-id", self.document.node.replace("-", "") + "\n")
        for hierarchy in (one for one in CONTROL_GROUPS.iterdir() if (one / "cgroup.clone_children").exists()):
            _make_group(hierarchy / self.name)

    def run(self, programs: Path) -> None:
        """Have a real agent bring the node to what its document says."""
        words = ["-m", "magnum_lite.agent.main", "--root", str(self.root), "--host=process", "--once", "--whole-node"]
        words += [f"--programs={programs}", f"--programs={CNI_FOLDER}", f"--ends-with={os.getpid()}"]
        command = namespaces.command(self.name, sys.executable, *words)
        # Without the guard that keeps tests on the loopback address: this network is the test's own and leads nowhere.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        log = self.root / "agent.log"
        with log.open("w") as out, contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                command, cwd=TOP, env=environment, stdout=out, stderr=out, timeout=READY_SECONDS, check=False
            )
            assert done.returncode == 0, log.read_text()[-4000:]
            return
        kubelet = (self.root / "var/log/units/kubelet.service.log").read_text()
        raise AssertionError(f"{self.plane.reports[-1]}\n{log.read_text()[-2000:]}\n{kubelet[-3000:]}")

    def load(self, ctr: Path, image: Path) -> None:
        """Give containerd an image."""
        command = [ctr, f"--address={self.root / 'run/containerd/containerd.sock'}", "--namespace=k8s.io"]
        subprocess.run([*command, "images", "import", image], check=True, capture_output=True, timeout=60)

    def end(self) -> None:
        """End all of the node; the kernel lets go of its control groups a moment later."""
        Room(Disk(self.root)).end()
        wait_until(self._is_forgotten, f"control groups of {self.name} are gone", seconds=END_SECONDS)

    def _is_forgotten(self) -> bool:
        for folder in sorted(CONTROL_GROUPS.glob(f"*/{self.name}/**/"), reverse=True):
            with contextlib.suppress(OSError):
                folder.rmdir()
        return not any(CONTROL_GROUPS.glob(f"*/{self.name}"))


def _make_group(folder: Path) -> None:
    """Make a control group (v1) for all of a node; the kubelet wants it to be there."""
    folder.mkdir(exist_ok=True)
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (folder / name).exists():
            (folder / name).write_text((folder.parent / name).read_text())


@contextlib.contextmanager
def whole_nodes(folder: Path, given: Given) -> Iterator[tuple[WholeNode, ...]]:
    """Give a master and a worker that run; nothing of them is left at the end."""
    labels = {"cloud_provider_enabled": "false", "kube_tag": "v1.36.0"}
    template = {"master_lb_enabled": False, "floating_ip_enabled": False, "network_driver": "flannel"}
    cluster = clusters.a_cluster(template, master_count=1, node_count=1, name="whole", labels=labels)
    placeholders.place(cluster, SUBNET)
    addresses = {node.name: node.address or "" for node in cluster.nodes}
    with contextlib.ExitStack() as stack:
        stack.enter_context(_kernel_settings())
        stack.enter_context(namespaces.network(addresses))
        planes = {name: _plane(name, stack) for name in addresses}
        nodes = tuple(WholeNode(cluster, node, folder / node.name, planes[node.name]) for node in cluster.nodes)
        for node in nodes:
            stack.callback(node.end)
            node.boot()
        yield nodes


def kubectl(given: Given, node: WholeNode) -> Client:
    """Give an administrator who asks from within a master's network."""
    pki, address = node.root / PKI, node.document.address
    flags = (f"--server=https://{address}:6443", f"--certificate-authority={pki / 'kubernetes-ca.crt'}")
    pair = (f"--client-certificate={pki / 'addons.crt'}", f"--client-key={pki / 'addons.key'}")
    return Client(given.programs["kubectl"], (*flags, *pair), tuple(namespaces.command(node.name)))


def _plane(name: str, stack: contextlib.ExitStack) -> ControlPlane:
    """Serve what a node asks our API for, in its own network."""
    plane = ControlPlane()
    plane.authorities["front-proxy"] = Authority("front-proxy-ca")
    return namespaces.called(name, lambda: stack.enter_context(plane.serving()))


def _secrets(plane: ControlPlane) -> object:
    key = rsa.generate_private_key(65537, 2048)
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return dataclasses.replace(
        clusters.secrets(),
        authorities={name: one.pem for name, one in plane.authorities.items()},
        service_account_key=key.private_bytes(serialization.Encoding.PEM, form, secret).decode(),
        encryption_key=base64.b64encode(bytes(32)).decode(),
    )


@contextlib.contextmanager
def _kernel_settings() -> Iterator[Mapping[str, str]]:
    """Put back at the end what kubelets change of the kernel's settings."""
    before = {name: Path("/proc/sys", name).read_text() for name in KERNEL}
    try:
        yield before
    finally:
        for name, value in before.items():
            with contextlib.suppress(OSError):
                Path("/proc/sys", name).write_text(value)
