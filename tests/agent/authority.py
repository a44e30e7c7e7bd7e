# SPDX-License-Identifier: Apache-2.0
"""A certificate authority for tests, which signs what it is sent unless told otherwise."""

from __future__ import annotations

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


class Authority:
    """``valid_days`` is how long its next certificates live; ``begun_days`` how long they have lived already."""

    def __init__(self, name: str) -> None:
        self.valid_days = 365.0
        self.begun_days = 0.01
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._certify(
            self._name, self._key.public_key(), [(x509.BasicConstraints(ca=True, path_length=0), True)]
        )

    @property
    def pem(self) -> str:
        return _pem(self.certificate)

    def sign(self, request: str) -> str:
        """Sign a CSR as it is, after a check of its own signature."""
        csr = x509.load_pem_x509_csr(request.encode())
        assert csr.is_signature_valid
        assert isinstance(csr.signature_hash_algorithm, hashes.SHA256)
        extensions = [(extension.value, extension.critical) for extension in csr.extensions]
        return _pem(self._certify(csr.subject, csr.public_key(), extensions))

    def server_pair(self, address: str, names: tuple[str, ...] = ()) -> str:
        """Make a key and a certificate, in one PEM text, for a server at this address, also called these names."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        known = [x509.IPAddress(ipaddress.ip_address(address)), *(x509.DNSName(name) for name in names)]
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return secret.decode() + _pem(
            self._certify(subject, key.public_key(), [(x509.SubjectAlternativeName(known), False)])
        )

    def _certify(self, subject: x509.Name, key, extensions) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - self.begun_days * DAY)
            .not_valid_after(now + self.valid_days * DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(identifier, critical=False)
        )
        for value, is_critical in extensions:
            builder = builder.add_extension(value, is_critical)
        return builder.sign(self._key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
