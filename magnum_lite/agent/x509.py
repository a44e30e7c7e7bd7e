# SPDX-License-Identifier: Apache-2.0
"""Keys, signing requests and the judgement whether a certificate is the one asked for; no I/O."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from magnum_lite.agent.errors import BadCertificate
from magnum_lite.nodeconf import CertificateRequest

KEY_BITS = 2048
MOST_KEYS = 64
LEAST_LIFE_LEFT = 1 / 3


def new_key() -> bytes:
    """Make an RSA key, as unencrypted PKCS#8 PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@functools.lru_cache(maxsize=MOST_KEYS)
def is_key(pem: bytes) -> bool:
    """Tell whether this is a private key of the kind we make.

    Its primes are checked once in the agent's life: that costs as much as a request, and a master has a dozen keys.
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, rsa.RSAPrivateKey) and key.key_size >= KEY_BITS


def signing_request(request: CertificateRequest, key: bytes) -> str:
    """Make the CSR (PEM, SHA-256 with PKCS#1 v1.5) that carries exactly this subject and these names."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(request))
    names = _names(request)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(_private(key), hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def check_request(request: CertificateRequest) -> None:
    """Raise ``BadCertificate`` when no certificate can carry this subject and these names."""
    try:
        _subject(request)
        _names(request)
    except (ValueError, TypeError) as error:
        raise BadCertificate(f"certificate {request.profile} cannot be asked for: {error}") from error


def check_authority(name: str, pem: str) -> None:
    """Raise ``BadCertificate`` unless the text holds the certificates of an authority."""
    try:
        x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise BadCertificate(f"the certificates of authority {name} cannot be read: {error}") from error


def check_certificate(
    pem: bytes, request: CertificateRequest, *, key: bytes, authorities: str, now: datetime
) -> x509.Certificate:
    """Give the certificate if it is the one asked for, valid now, for this key and from one of these authorities.

    Else raise ``BadCertificate``: its sentence says what is wrong.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        names = _names_of(certificate)
    except ValueError as error:
        raise BadCertificate(f"certificate {request.profile} cannot be read: {error}") from error
    if certificate.public_key() != _private(key).public_key():
        raise BadCertificate(f"certificate {request.profile} does not belong to this node's key")
    if certificate.subject != _subject(request):
        raise BadCertificate(f"certificate {request.profile} has the subject {certificate.subject.rfc4514_string()}")
    if names != set(_names(request)):
        raise BadCertificate(f"certificate {request.profile} has other alternative names than were asked for")
    if not _is_issued_by_any(certificate, x509.load_pem_x509_certificates(authorities.encode())):
        raise BadCertificate(f"certificate {request.profile} is not from the authority {request.authority}")
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        raise BadCertificate(
            f"certificate {request.profile} is valid from {certificate.not_valid_before_utc} "
            f"to {certificate.not_valid_after_utc}, but this node's clock says {now}"
        )
    return certificate


def is_long_valid(certificate: x509.Certificate, now: datetime) -> bool:
    """Tell whether more than a third of the certificate's life is left."""
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - now > life * LEAST_LIFE_LEFT


def _subject(request: CertificateRequest) -> x509.Name:
    organization = [] if request.organization is None else [(NameOID.ORGANIZATION_NAME, request.organization)]
    parts = [*organization, (NameOID.COMMON_NAME, request.common_name)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _names(request: CertificateRequest) -> list[x509.GeneralName]:
    addresses = [x509.IPAddress(ipaddress.ip_address(one)) for one in request.ips]
    return [*(x509.DNSName(one) for one in request.dns), *addresses]


def _names_of(certificate: x509.Certificate) -> set[x509.GeneralName]:
    try:
        return set(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return set()


def _is_issued_by_any(certificate: x509.Certificate, authorities: Sequence[x509.Certificate]) -> bool:
    return any(_is_issued_by(certificate, one) for one in authorities)


def _is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _private(key: bytes) -> rsa.RSAPrivateKey:
    # ``is_key`` has checked what lay on the disk; checking the primes at every use costs more than making the key.
    loaded = serialization.load_pem_private_key(key, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise BadCertificate("the private key is not an RSA key")
    return loaded
