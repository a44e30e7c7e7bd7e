# SPDX-License-Identifier: Apache-2.0
"""Requests and vaults for the tests of certificates, and openssl's view of what we issue."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from magnum_lite.errors import NotFound

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())

Attribute = tuple[x509.ObjectIdentifier, str]


def a_csr(
    common_name: str = "admin",
    organizations: Sequence[str] = (),
    *,
    names: Sequence[x509.GeneralName] = (),
    extensions: Sequence[x509.ExtensionType] = (),
    attributes: Sequence[Attribute] = (),
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = RSA_KEY,
    digest: hashes.HashAlgorithm | None = None,
) -> str:
    """Make a CSR with this subject (extra attributes last) in PEM."""
    subject = [(NameOID.COMMON_NAME, common_name)] if common_name else []
    subject += [(NameOID.ORGANIZATION_NAME, value) for value in organizations]
    subject += attributes
    builder = x509.CertificateSigningRequestBuilder(x509.Name([x509.NameAttribute(*pair) for pair in subject]))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return pem_of(builder.sign(key, digest or hashes.SHA256()))


def pem_of(csr: x509.CertificateSigningRequest) -> str:
    return csr.public_bytes(serialization.Encoding.PEM).decode()


def as_text(pem: str) -> str:
    """Give what ``openssl x509 -text`` says of a certificate."""
    command = ["openssl", "x509", "-noout", "-text", "-nameopt", "RFC2253"]
    return subprocess.run(command, input=pem, text=True, check=True, capture_output=True).stdout


def verify(folder: Path, authority: str, leaf: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Let ``openssl verify`` judge a leaf certificate, strictly, with one trusted authority."""
    (folder / "ca.pem").write_text(authority)
    (folder / "leaf.pem").write_text(leaf)
    command = ["openssl", "verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", "ca.pem", *options]
    return subprocess.run([*command, "leaf.pem"], cwd=folder, text=True, check=False, capture_output=True)


class MemoryVault:
    """A vault that forgets everything with the process."""

    def __init__(self) -> None:
        self.secrets: dict[str, tuple[str, bytes]] = {}

    def ensure(self, name: str, cluster_uuid: str, make: Callable[[], bytes]) -> bytes:
        if name not in self.secrets:
            self.secrets[name] = (cluster_uuid, make())
        return self.secrets[name][1]

    def get(self, name: str) -> bytes:
        secret = self.find(name)
        if secret is None:
            raise NotFound("Secret", name)
        return secret

    def find(self, name: str) -> bytes | None:
        return self.secrets[name][1] if name in self.secrets else None

    def remove(self, name: str) -> None:
        self.secrets.pop(name, None)

    def remove_cluster(self, cluster_uuid: str) -> None:
        self.secrets = {name: kept for name, kept in self.secrets.items() if kept[0] != cluster_uuid}
