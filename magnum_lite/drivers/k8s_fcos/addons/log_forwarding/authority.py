# SPDX-License-Identifier: Apache-2.0
"""Certificates of authorities in a label, which is one line."""

from __future__ import annotations

import base64
import binascii

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from magnum_lite.model.labels import Kind


def certificates() -> Kind[str]:
    """Take certificates in PEM, in base64 again, or nothing; what is read is their PEM and nothing besides."""

    def read(given: str) -> str:
        if not given:
            return ""
        try:
            found = x509.load_pem_x509_certificates(base64.b64decode(given, validate=True))
        except binascii.Error as error:
            raise ValueError(given) from error
        return "".join(one.public_bytes(Encoding.PEM).decode() for one in found)

    return Kind("certificates", "certificates in PEM, encoded in base64 once more, or nothing", read)
