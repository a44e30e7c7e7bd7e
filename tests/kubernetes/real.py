# SPDX-License-Identifier: Apache-2.0
"""A cluster whose control plane is a real one, and those who speak to it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.rooms.room import Reading, Room
from tests.system.house import House

SECONDS = 60.0
PKI = "etc/kubernetes/pki"


@dataclass(frozen=True)
class Client:
    """Somebody with kubectl, and flags that say where the cluster is and who this is; ``within`` is put before it."""

    kubectl: Path
    flags: tuple[str, ...]
    within: tuple[str, ...] = ()

    def attempt(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [*self.within, str(self.kubectl), *self.flags, *words]
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=SECONDS, check=False)

    def run(self, *words: str, text: str | None = None) -> str:
        done = self.attempt(*words, text=text)
        assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr[-3000:]}"
        return done.stdout

    def read(self, *words: str) -> Any:
        return json.loads(self.run("get", *words, "--output=json"))

    def can(self, *words: str) -> bool:
        return self.attempt("auth", "can-i", *words).stdout.strip() == "yes"


@dataclass(frozen=True)
class RealCluster:
    """One cluster of a house, its one ``master`` with its disk, and a ``folder`` where the user keeps his files."""

    house: House
    uuid: str
    kubectl: Path
    master: str
    root: Path
    folder: Path
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def server(self) -> str:
        return str(self.house.user().show(self.uuid)["api_address"])

    @property
    def authority(self) -> Path:
        return self.root / PKI / "kubernetes-ca.crt"

    def node(self) -> Client:
        """Give the master's own kubelet as a client."""
        return self._with(self.root / PKI / "kubelet.crt", self.root / PKI / "kubelet.key")

    def signed(self, user: str, subject: tuple[str, str]) -> Client:
        """Have our service sign a certificate for a user of the cloud: common name and organization are given."""
        if user not in self.clients:
            key, request = _request(*subject)
            body = {"cluster_uuid": self.uuid, "csr": request}
            answer = self.house.user(user, "demo").call("POST", "/certificates", body)
            assert answer.status_code == 201, answer.text
            certificate = self.folder / f"{user}.crt"
            certificate.write_text(answer.json()["pem"])
            certificate.with_suffix(".key").write_text(key)
            self.clients[user] = self._with(certificate, certificate.with_suffix(".key"))
        return self.clients[user]

    def _with(self, certificate: Path, key: Path) -> Client:
        server, authority = f"--server={self.server}", f"--certificate-authority={self.authority}"
        return Client(self.kubectl, (server, authority, f"--client-certificate={certificate}", f"--client-key={key}"))

    def room(self) -> Room:
        return Room(Disk(self.root))

    def units(self) -> Mapping[str, Reading]:
        return self.room().read()

    def log(self) -> str:
        return (self.root / "agent.log").read_text()


def _request(name: str, organization: str) -> tuple[str, str]:
    """Give a new key and a request for a certificate of this subject, both in PEM."""
    key = rsa.generate_private_key(65537, 2048)
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, form, secret).decode(), request.public_bytes(pem).decode()
