# SPDX-License-Identifier: Apache-2.0
"""Masters whose etcd is a real process, started from the unit's own command line with certificates we signed."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from magnum_lite.agent import x509
from magnum_lite.agent.api import API
from magnum_lite.agent.boot import Boot
from magnum_lite.agent.course import Course
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.etcd import Etcd
from magnum_lite.agent.phases import files, membership
from magnum_lite.agent.phases.order import PHASES, carry_out
from magnum_lite.agent.podman_run import Container
from magnum_lite.agent.simulated import SimulatedHost
from magnum_lite.agent.state import State
from magnum_lite.agent.unit_file import UnitFile, variables
from magnum_lite.agent.web import Call, CertPair, Trust, send
from magnum_lite.certs import authority
from magnum_lite.model import Cluster, Node
from magnum_lite.nodeconf import CertificateRequest, ClusterFile, NodeDocument, NodeFile
from tests import lacking
from tests.drivers import clusters

SECONDS = 60.0
LOOPBACK = "127.0.0.1"
# What etcd 3.4 does not know yet.
NEWER_FLAGS = {"--tls-min-version", "--feature-gates"}


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; etcd tells nobody when it does."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not after {SECONDS:g} seconds: {what}"
        time.sleep(0.05)


@functools.cache
def key_of(name: str, profile: str) -> bytes:
    """Make each key once: new ones are slow."""
    return x509.new_key()


class Vault:
    """Keeps secrets in memory."""

    def __init__(self) -> None:
        self._secrets: dict[str, bytes] = {}

    def ensure(self, name: str, cluster_uuid: str, make: Callable[[], bytes]) -> bytes:
        return self._secrets.setdefault(name, self._secrets.get(name) or make())

    def get(self, name: str) -> bytes:
        return self._secrets[name]

    def find(self, name: str) -> bytes | None:
        return self._secrets.get(name)

    def remove(self, name: str) -> None:
        self._secrets.pop(name, None)

    def remove_cluster(self, cluster_uuid: str) -> None:
        self._secrets.clear()


@functools.cache
def the_vault() -> Vault:
    """Give the one in which all tests find the same authorities."""
    return Vault()


class Machine(SimulatedHost):
    """A master's machine: all is simulated but etcd's process."""

    def __init__(self, disk: Disk, loopback: str, known_flags: set[str]) -> None:
        super().__init__(disk, time.sleep)
        self._disk_of_etcd = disk
        self._loopback = loopback
        self._known_flags = known_flags
        self.process: subprocess.Popen[bytes] | None = None
        self.log = disk.at("/etcd.log")

    def start_etcd(self, document: NodeDocument) -> None:
        assert self.process is None or self.process.poll() is not None
        command = self.command(document)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env={"PATH": "/usr/bin"})

    def command(self, document: NodeDocument) -> list[str]:
        """Give what the unit runs, as far as this etcd knows it; only what the container sees is on this disk."""
        unit = UnitFile.parse(next(one.content for one in document.units if one.name == "etcd.service"))
        values: dict[str, str] = {}
        for one in unit.environment_files:
            values |= variables((self._disk_of_etcd.find(one.path) or b"").decode())
        (podman,) = unit.commands("ExecStart")
        container = Container.parse(podman.with_variables(values))
        assert container is not None
        words = [word for word in container.command if self._is_known(word)]
        return [lacking.program(words[0]), *(self._placed(word, container) for word in words[1:])]

    def stop(self, name: str) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(SECONDS)

    def _is_known(self, word: str) -> bool:
        return not word.startswith("--") or word.partition("=")[0] in self._known_flags

    def _placed(self, word: str, container: Container) -> str:
        flag, _, value = word.partition("=")
        # All masters are on one machine here, which has this address once.
        value = value.replace(LOOPBACK, self._loopback)
        if any(value == one.target or value.startswith(f"{one.target}/") for one in container.volumes):
            value = str(self._disk_of_etcd.at(value))
        return f"{flag}={value}"


@dataclass
class Master:
    """One master of a cluster and its etcd; ``cluster`` holds the rows that its document is made from."""

    cluster: Cluster
    node: Node
    vault: Vault
    disk: Disk
    host: Machine

    @property
    def document(self) -> NodeDocument:
        pems = authority.ensure(self.vault, self.cluster.uuid, self.cluster.name, days=30)
        secrets = dataclasses.replace(clusters.secrets(), authorities=pems)
        return clusters.driver().node_document(self.cluster, self.node, secrets)

    @property
    def url(self) -> str:
        return f"https://{self.node.address}:2379"

    @property
    def etcd(self) -> Etcd:
        return Etcd(self.url, self.trust("etcd"))

    @property
    def data(self) -> Path:
        return self.disk.at("/var/lib/etcd/data")

    @property
    def environment(self) -> dict[str, str]:
        return variables((self.disk.find("/etc/magnum-lite/env/etcd-membership") or b"").decode())

    def lay(self) -> None:
        """Lay what the phases before ours would: files, authorities, certificates."""
        document = self.document
        files.run(self.course())
        for name, path in document.authority_paths.items():
            self.disk.write(path, document.authorities[name])
        for request in document.certificates:
            if request.profile in {"etcd", "apiserver-etcd-client", "scheduler"}:
                self._certify(request)
        self.disk.at("/var/lib/etcd").mkdir(parents=True, exist_ok=True)

    def settle(self) -> None:
        """Carry out the phase that is looked at here: etcd wants its members to be connected for seconds first."""
        carry_out(next(one for one in PHASES if one.name == "membership"), self.course())

    def try_once(self) -> None:
        membership.run(self.course())

    def start(self) -> None:
        self.host.start_etcd(self.document)

    def stop(self) -> None:
        self.host.stop("etcd.service")

    def wipe(self) -> None:
        shutil.rmtree(self.data)

    def await_health(self) -> None:
        until(self.etcd.is_healthy, f"{self.node.name} is healthy; its log ends: {self.log_end()}")

    def log_end(self) -> str:
        return self.host.log.read_text()[-2000:] if self.host.log.exists() else ""

    def trust(self, profile: str) -> Trust:
        path = f"/etc/kubernetes/pki/{profile}"
        pair = CertPair(self.disk.at(f"{path}.key"), self.disk.at(f"{path}.crt"))
        return Trust(self.disk.at("/etc/kubernetes/pki/etcd-ca.crt").read_text(), client=pair)

    def put(self, key: str, value: str) -> None:
        self.ask("put", {"key": _coded(key), "value": _coded(value)})

    def get(self, key: str) -> str:
        """Give what this member itself has."""
        found = self.ask("range", {"key": _coded(key), "serializable": True})
        return base64.b64decode(found["kvs"][0]["value"]).decode() if found.get("kvs") else ""

    def ask(self, what: str, body: object, trust: Trust | None = None) -> Any:
        call = Call("POST", f"{self.url}/v3/kv/{what}", {}, body)
        answer = send(call, trust or self.trust("apiserver-etcd-client"), timeout=10)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def course(self) -> Course:
        told = Boot(ClusterFile("http://127.0.0.1/v1", self.cluster.uuid), NodeFile("n", self.node.name, "t"), None)
        api = API(told.cluster, told.node)
        return Course(told, self.document, api, self.disk, self.host, State(), time.sleep)

    def _certify(self, request: CertificateRequest) -> None:
        key = key_of(self.node.name, request.profile)
        csr = x509.signing_request(request, key)
        signed = authority.sign_for_node(self.vault, self.cluster.uuid, request, csr, days=30)
        self.disk.write(f"{request.path}.key", key, 0o600)
        self.disk.write(f"{request.path}.crt", signed)


@dataclass
class Masters:
    """The masters of one cluster on addresses of this machine."""

    folder: Path
    cluster: Cluster = field(init=False)
    vault: Vault = field(default_factory=the_vault)
    all: list[Master] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cluster = clusters.a_built_cluster()
        # Another run of these tests at the same time has other addresses.
        self._network = f"127.{64 + os.getpid() // 250 % 128}.{1 + os.getpid() % 250}"
        command = [lacking.program("etcd"), "--help"]
        shown = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
        found = re.findall(r"^\s+--?([\w-]+)", shown.stdout + shown.stderr, re.MULTILINE)
        self._known_flags = {f"--{name}" for name in found}
        for number, node in enumerate(self.cluster.masters):
            self.place(node, number)
        self.all = [self.a_master(node) for node in self.cluster.masters]

    def place(self, node: Node, number: int) -> None:
        node.address = f"{self._network}.{10 + number}"

    def a_master(self, node: Node) -> Master:
        disk = Disk(self.folder / node.name)
        last = (node.address or "").rpartition(".")[2]
        master = Master(
            self.cluster, node, self.vault, disk, Machine(disk, f"{self._network}.1{last}", self._known_flags)
        )
        disk.root.mkdir(parents=True)
        master.lay()
        return master

    def begin(self, *members: Master) -> None:
        """Start these, or all, as a new cluster and wait until they are one."""
        wanted = members or tuple(self.all)
        for one in wanted:
            one.settle()
        for one in wanted:
            one.start()
        for one in wanted:
            one.await_health()

    def keep(self) -> None:
        """Look at every running member once more, as the agent does from time to time."""
        for one in self.all:
            one.settle()

    @contextlib.contextmanager
    def running(self) -> Iterator[Masters]:
        try:
            yield self
        finally:
            for one in self.all:
                one.stop()


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
