# SPDX-License-Identifier: Apache-2.0
"""Keys and requests are as promised, and a certificate that is not the one asked for is found out."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from magnum_lite.agent import x509
from magnum_lite.agent.errors import BadCertificate
from magnum_lite.nodeconf import CertificateRequest
from tests.agent.authority import Authority

REQUEST = CertificateRequest(
    "kubelet",
    "kubernetes",
    "/etc/kubernetes/certs/kubelet",
    "system:node:n",
    "system:nodes",
    dns=("n",),
    ips=("127.32.0.10", "::1"),
)


@pytest.fixture(scope="module")
def key() -> bytes:
    return x509.new_key()


@pytest.fixture
def authority() -> Authority:
    return Authority("kubernetes-ca")


def check(pem: str, key: bytes, authority: Authority, *, request: CertificateRequest = REQUEST, after=timedelta()):
    """Check as it is done so long after now, which is the time of the test and not that of its collection."""
    now = datetime.now(UTC) + after
    return x509.check_certificate(pem.encode(), request, key=key, authorities=authority.pem, now=now)


def test_openssl_reads_the_request(key: bytes, tmp_path: Path) -> None:
    place = tmp_path / "node.csr"
    place.write_text(x509.signing_request(REQUEST, key))

    command = ["openssl", "req", "-in", str(place), "-noout", "-verify", "-text", "-nameopt", "RFC2253"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout

    assert "Subject: CN=system:node:n,O=system:nodes" in shown
    assert "DNS:n, IP Address:127.32.0.10, IP Address:0:0:0:0:0:0:0:1" in shown
    assert "Signature Algorithm: sha256WithRSAEncryption" in shown
    assert "Public-Key: (2048 bit)" in shown


def test_a_request_without_names_has_no_extension_for_them(key: bytes, authority: Authority) -> None:
    request = replace(REQUEST, dns=(), ips=(), organization=None)

    signed = authority.sign(x509.signing_request(request, key))

    assert check(signed, key, authority, request=request).subject.rfc4514_string() == "CN=system:node:n"


def test_the_right_certificate_is_taken(key: bytes, authority: Authority) -> None:
    certificate = check(authority.sign(x509.signing_request(REQUEST, key)), key, authority)

    assert x509.is_long_valid(certificate, datetime.now(UTC))


def test_a_certificate_from_one_of_several_authorities_is_taken(key: bytes, authority: Authority) -> None:
    other = Authority("kubernetes-ca-2")
    signed = other.sign(x509.signing_request(REQUEST, key)).encode()

    found = x509.check_certificate(
        signed, REQUEST, key=key, authorities=authority.pem + other.pem, now=datetime.now(UTC)
    )

    assert found.issuer == other.certificate.subject


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"common_name": "system:node:other"}, "has the subject CN=system:node:other"),
        ({"organization": "system:masters"}, "has the subject CN=system:node:n,O=system:masters"),
        ({"ips": ("127.32.0.11",)}, "has other alternative names"),
        ({"dns": (), "ips": ()}, "has other alternative names"),
    ],
)
def test_a_certificate_for_something_else_is_refused(
    key: bytes, authority: Authority, changes: dict[str, object], complaint: str
) -> None:
    signed = authority.sign(x509.signing_request(replace(REQUEST, **changes), key))

    with pytest.raises(BadCertificate, match=complaint):
        check(signed, key, authority)


def test_a_certificate_for_another_key_is_refused(key: bytes, authority: Authority) -> None:
    signed = authority.sign(x509.signing_request(REQUEST, x509.new_key()))

    with pytest.raises(BadCertificate, match="does not belong to this node's key"):
        check(signed, key, authority)


def test_a_certificate_of_an_impostor_with_the_same_name_is_refused(key: bytes, authority: Authority) -> None:
    signed = Authority("kubernetes-ca").sign(x509.signing_request(REQUEST, key))

    with pytest.raises(BadCertificate, match="is not from the authority kubernetes"):
        check(signed, key, authority)


@pytest.mark.parametrize("days", [-1, 400])
def test_a_certificate_that_is_not_valid_now_is_refused(key: bytes, authority: Authority, days: int) -> None:
    signed = authority.sign(x509.signing_request(REQUEST, key))

    with pytest.raises(BadCertificate, match="but this node's clock says"):
        check(signed, key, authority, after=timedelta(days=days))


@pytest.mark.parametrize(("begun", "left", "expected"), [(1, 0.6, True), (2.2, 1, False)])
def test_a_third_of_its_life_is_when_a_certificate_gets_old(
    key: bytes, authority: Authority, begun: float, left: float, expected: bool
) -> None:
    authority.begun_days, authority.valid_days = begun, left
    certificate = check(authority.sign(x509.signing_request(REQUEST, key)), key, authority)

    assert x509.is_long_valid(certificate, datetime.now(UTC)) is expected


def test_text_that_is_no_certificate_is_refused(key: bytes, authority: Authority) -> None:
    with pytest.raises(BadCertificate, match="cannot be read"):
        check("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n", key, authority)


def test_only_a_key_like_ours_is_kept(key: bytes) -> None:
    weak = b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"

    assert x509.is_key(key)
    assert [x509.is_key(text) for text in (b"", weak, key[:200])] == [False] * 3


def test_a_name_that_no_certificate_can_carry_is_refused() -> None:
    with pytest.raises(BadCertificate, match="certificate kubelet cannot be asked for"):
        x509.check_request(replace(REQUEST, ips=("not an address",)))
