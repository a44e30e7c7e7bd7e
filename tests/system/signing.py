# SPDX-License-Identifier: Apache-2.0
"""Requests for certificates, as clients make them."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


def signing_request(
    name: str,
    organization: str,
    *,
    unit: str | None = None,
    bits: int = 2048,
    algorithm: hashes.SHA256 | hashes.SHA512 | None = None,
) -> str:
    """Make a key, and ask with it for a certificate of this subject; give the request in PEM."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
    if unit is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts))
    key = rsa.generate_private_key(65537, bits)
    return request.sign(key, algorithm or hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
