# SPDX-License-Identifier: Apache-2.0
"""X.509 certificates and their keys: pure, but for the clock's default and randomness."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from magnum_lite.certs.csr import MAX_VALUE_LENGTH, CheckedCSR, Names, PublicKey, Subject

RSA_BITS = 2048
MAX_LEAF_DAYS = 365
# Clocks of nodes may be a little behind ours when they see a certificate first.
BACKDATED = datetime.timedelta(minutes=5)

_END_OF_CERTIFICATE = "-----END CERTIFICATE-----\n"


class Usage(enum.Enum):
    """What a leaf certificate may be used for (RFC 5280 4.2.1.12)."""

    CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
    SERVER = ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True)
class CertPair:
    """A certificate and its private key, both in PEM (the key as PKCS#8, not encrypted)."""

    certificate_pem: str
    key_pem: str

    def to_pem(self) -> bytes:
        """Give both in one text, the certificate first."""
        return (self.certificate_pem + self.key_pem).encode()

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read what ``to_pem`` gave."""
        certificate, end, key = pem.decode().partition(_END_OF_CERTIFICATE)
        return cls(certificate + end, key)

    def __repr__(self) -> str:
        return "CertPair(...)"


def new_rsa_key() -> str:
    """Make an RSA key of 2048 bits: PEM, PKCS#8, not encrypted."""
    return _key_pem(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS))


def new_ca(common_name: str, *, organization: str, unit: str, days: int) -> CertPair:
    """Make an authority that signs leaf certificates only, valid for so many days from now.

    Its subject is made of the three names, each cut to the 64 characters X.509 allows.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    names = [part[:MAX_VALUE_LENGTH] for part in (common_name, organization, unit)]
    name = _name(Subject(names[0], (names[1],), (names[2],)))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    start = _start()
    certificate = (
        _builder(name, name, key.public_key(), start, start + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(is_ca=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return CertPair(_certificate_pem(certificate), _key_pem(key))


def sign(ca: CertPair, csr: CheckedCSR, *, usages: Collection[Usage], days: int) -> str:
    """Give a leaf certificate in PEM for the key, subject and names of a checked request.

    It is valid for so many days but never more than a year, nor longer than the authority itself.
    """
    issuer = x509.load_pem_x509_certificate(ca.certificate_pem.encode())
    start = _start()
    end = min(start + datetime.timedelta(days=min(days, MAX_LEAF_DAYS)), issuer.not_valid_after_utc)
    builder = _builder(_name(csr.subject), issuer.subject, csr.public_key, start, end)
    for extension, is_critical in _leaf_extensions(issuer, csr, usages):
        builder = builder.add_extension(extension, critical=is_critical)
    return _certificate_pem(builder.sign(_load_key(ca.key_pem), hashes.SHA256()))


def describe(certificate_pem: str) -> str:
    """Give a certificate's subject, serial number and end in words, for a log or an event."""
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    subject = certificate.subject.rfc4514_string()
    return f"certificate {certificate.serial_number:x} for {subject} until {certificate.not_valid_after_utc:%Y-%m-%d}"


def _leaf_extensions(
    issuer: x509.Certificate, csr: CheckedCSR, usages: Collection[Usage]
) -> list[tuple[x509.ExtensionType, bool]]:
    issuer_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(is_ca=False), True),
        (x509.ExtendedKeyUsage([usage.value for usage in Usage if usage in usages]), False),
        (x509.SubjectKeyIdentifier.from_public_key(csr.public_key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), False),
    ]
    names = _general_names(csr.names)
    if names:
        extensions.append((x509.SubjectAlternativeName(names), False))
    return extensions


def _start() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0) - BACKDATED


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, start: datetime.datetime, end: datetime.datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=start,
        not_valid_after=end,
    )


def _name(subject: Subject) -> x509.Name:
    # The issued name is built anew from the checked values, one attribute to a part, whatever shape the request had.
    attributes = [(NameOID.ORGANIZATION_NAME, value) for value in subject.organizations]
    attributes += [(NameOID.ORGANIZATIONAL_UNIT_NAME, value) for value in subject.units]
    attributes.append((NameOID.COMMON_NAME, subject.common_name))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


def _general_names(names: Names) -> list[x509.GeneralName]:
    addresses = sorted(names.ips, key=lambda address: (address.version, address.packed))
    return [
        *(x509.DNSName(name) for name in sorted(names.dns)),
        *(x509.IPAddress(address) for address in addresses),
    ]


def _key_usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=not is_ca,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: rsa.RSAPrivateKey) -> str:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


def _load_key(pem: str) -> rsa.RSAPrivateKey:
    # Our own vault has kept this key under authentication, so the 40 ms of checking its primes again buy nothing.
    key = serialization.load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"the keys of a cluster are RSA, not {type(key).__name__}")
    return key
