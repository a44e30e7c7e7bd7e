# SPDX-License-Identifier: Apache-2.0
"""The labels of an owner's own webhook that says who somebody is."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from magnum_lite.drivers.base import Wish
from magnum_lite.errors import InvalidLabel
from magnum_lite.model.labels import Kind, Label, LabelValues

PEM = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
MOST_CERTIFICATES = 8
URL = re.compile(r"https://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?")


def https_url() -> Kind[str]:
    """Take the URL of a server that proves itself, without user, query or fragment, or nothing."""

    def read(given: str) -> str:
        if given and (not URL.fullmatch(given) or not urlsplit(given).hostname or urlsplit(given).port == 0):
            raise ValueError(given)
        return given

    return Kind("url", "a URL that begins with https://, without user, query or fragment, or nothing", read)


def certificates() -> Kind[str]:
    """Take CA certificates in PEM, or base64 of that for whom line breaks are a trouble, or nothing."""

    def read(given: str) -> str:
        if not given:
            return ""
        text = given if given.startswith("-----BEGIN") else _decoded(given)
        blocks = PEM.findall(text)
        if not 0 < len(blocks) <= MOST_CERTIFICATES or PEM.sub("", text).strip():
            raise ValueError(given)
        return "".join(_checked(block) for block in blocks)

    return Kind("certificates", f"1 to {MOST_CERTIFICATES} CA certificates in PEM, or base64 of that, or nothing", read)


AUTHENTICATION_WEBHOOK_URL = Label(
    "authentication_webhook_url",
    https_url(),
    "",
    "A webhook of your own that is asked who a token belongs to (TokenReview v1), in Keystone's place.",
)
AUTHENTICATION_WEBHOOK_CA = Label(
    "authentication_webhook_ca",
    certificates(),
    "",
    "The authorities that prove your own webhook, in PEM or base64 of it; empty: those that everybody trusts.",
)
LABELS = (AUTHENTICATION_WEBHOOK_URL, AUTHENTICATION_WEBHOOK_CA)


def check(wish: Wish, values: LabelValues) -> None:
    """Raise ``InvalidLabel`` for an authority of no webhook."""
    if values[AUTHENTICATION_WEBHOOK_CA] and not values[AUTHENTICATION_WEBHOOK_URL]:
        name = AUTHENTICATION_WEBHOOK_CA.name
        raise InvalidLabel(name, f"{wish.labels[name][:40]}...", "it goes with authentication_webhook_url")


def _decoded(given: str) -> str:
    try:
        return base64.b64decode("".join(given.split()), validate=True).decode("ascii").strip()
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError(given) from None


def _checked(block: str) -> str:
    """Give one certificate as we would write it; raise ``ValueError`` unless it is an authority's."""
    lines = "".join(block.removeprefix("-----BEGIN CERTIFICATE-----").removesuffix("-----END CERTIFICATE-----").split())
    certificate = x509.load_der_x509_certificate(base64.b64decode(lines, validate=True))
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        raise ValueError(block) from None
    if not constraints.ca:
        raise ValueError(block)
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
