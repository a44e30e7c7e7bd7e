# SPDX-License-Identifier: Apache-2.0
"""The certificates we issue, as openssl sees them."""

import datetime
import ipaddress
import subprocess
from pathlib import Path

import pytest
from cryptography import x509 as parsed
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from magnum_lite.certs import x509
from magnum_lite.certs.csr import CheckedCSR, Names, PublicKey, Subject
from magnum_lite.certs.x509 import CertPair, Usage
from tests.unit.certs.certificates import EC_KEY, RSA_KEY, as_text, verify

AUTHORITY = x509.new_ca("kubernetes-ca", organization="k8s", unit="a-uuid", days=3650)
OTHER = x509.new_ca("kubernetes-ca", organization="k8s", unit="a-uuid", days=3650)
NAMES = Names(frozenset({"kubernetes", "kubernetes.default"}), frozenset({ipaddress.ip_address("127.32.0.7")}))
SUBJECT = Subject("kube-apiserver", ("dev", "ops"), ("terraform",))


def a_leaf(
    *,
    ca: CertPair = AUTHORITY,
    key: PublicKey | None = None,
    names: Names = NAMES,
    usages: tuple[Usage, ...] = (Usage.SERVER,),
    days: int = 365,
) -> str:
    return x509.sign(ca, CheckedCSR(key or RSA_KEY.public_key(), SUBJECT, names), usages=usages, days=days)


def certificate(pem: str) -> parsed.Certificate:
    return parsed.load_pem_x509_certificate(pem.encode())


def life(pem: str) -> datetime.timedelta:
    return certificate(pem).not_valid_after_utc - certificate(pem).not_valid_before_utc


@pytest.mark.parametrize("key", [RSA_KEY.public_key(), EC_KEY.public_key()])
@pytest.mark.parametrize(("usage", "purpose"), [(Usage.CLIENT, "sslclient"), (Usage.SERVER, "sslserver")])
def test_openssl_trusts_a_leaf_for_its_purpose(tmp_path: Path, key: PublicKey, usage: Usage, purpose: str) -> None:
    result = verify(tmp_path, AUTHORITY.certificate_pem, a_leaf(key=key, usages=(usage,)), "-purpose", purpose)

    assert (result.returncode, result.stdout) == (0, "leaf.pem: OK\n")


@pytest.mark.parametrize(("usage", "purpose"), [(Usage.SERVER, "sslclient"), (Usage.CLIENT, "sslserver")])
def test_openssl_trusts_a_leaf_for_no_other_purpose(tmp_path: Path, usage: Usage, purpose: str) -> None:
    result = verify(tmp_path, AUTHORITY.certificate_pem, a_leaf(usages=(usage,)), "-purpose", purpose)

    assert "unsuitable certificate purpose" in result.stderr


@pytest.mark.parametrize(
    ("option", "value"), [("-verify_hostname", "kubernetes.default"), ("-verify_ip", "127.32.0.7")]
)
def test_openssl_finds_the_names_of_a_leaf(tmp_path: Path, option: str, value: str) -> None:
    assert verify(tmp_path, AUTHORITY.certificate_pem, a_leaf(), option, value).returncode == 0


def test_openssl_does_not_trust_an_authority_of_the_same_name(tmp_path: Path) -> None:
    assert verify(tmp_path, OTHER.certificate_pem, a_leaf()).returncode != 0


def test_a_leaf_cannot_sign(tmp_path: Path) -> None:
    impostor = CertPair(a_leaf(), RSA_KEY_PEM)
    (tmp_path / "chain.pem").write_text(impostor.certificate_pem)

    result = verify(tmp_path, AUTHORITY.certificate_pem, second_hand(impostor), "-untrusted", "chain.pem")

    assert "invalid CA certificate" in result.stderr


def test_an_authority_is_what_the_standard_asks_for() -> None:
    text = as_text(AUTHORITY.certificate_pem)

    assert [part for part in AUTHORITY_PARTS if part not in text] == []


def test_a_leaf_is_what_the_standard_asks_for() -> None:
    text = as_text(a_leaf(usages=(Usage.SERVER, Usage.CLIENT)))

    assert [part for part in LEAF_PARTS if part not in text] == []


def test_a_leaf_without_names_has_no_extension_for_them() -> None:
    assert "Alternative Name" not in as_text(a_leaf(names=Names()))


def test_a_leaf_names_the_key_of_its_authority() -> None:
    issuer = certificate(AUTHORITY.certificate_pem).extensions.get_extension_for_class(parsed.SubjectKeyIdentifier)
    leaf = certificate(a_leaf()).extensions.get_extension_for_class(parsed.AuthorityKeyIdentifier)

    assert issuer.value.digest == leaf.value.key_identifier


@pytest.mark.parametrize(("asked", "given"), [(30, 30), (365, 365), (366, 365), (4000, 365)])
def test_a_leaf_lives_a_year_at_most(asked: int, given: int) -> None:
    assert datetime.timedelta(days=given) == life(a_leaf(days=asked))


def test_a_leaf_does_not_outlive_its_authority() -> None:
    ca = x509.new_ca("kubernetes-ca", organization="k8s", unit="a-uuid", days=10)

    assert certificate(ca.certificate_pem).not_valid_after_utc == certificate(a_leaf(ca=ca)).not_valid_after_utc


def test_a_leaf_is_valid_for_a_clock_that_is_four_minutes_late() -> None:
    now = datetime.datetime.now(datetime.UTC)

    assert certificate(a_leaf()).not_valid_before_utc <= now - datetime.timedelta(minutes=4)


def test_serial_numbers_differ() -> None:
    assert certificate(a_leaf()).serial_number != certificate(a_leaf()).serial_number


def test_a_long_cluster_name_is_cut_to_what_a_subject_may_hold() -> None:
    ca = x509.new_ca("kubernetes-ca", organization="k" * 242, unit="a-uuid", days=10)

    assert f"Subject: CN=kubernetes-ca,OU=a-uuid,O={'k' * 64}\n" in as_text(ca.certificate_pem)


def test_a_pair_survives_its_text() -> None:
    restored = CertPair.from_pem(AUTHORITY.to_pem())

    assert (AUTHORITY.certificate_pem, AUTHORITY.key_pem) == (restored.certificate_pem, restored.key_pem)


def test_a_pair_does_not_show_its_key() -> None:
    assert "PRIVATE" not in repr(AUTHORITY)


def test_an_authority_with_another_kind_of_key_is_not_used() -> None:
    with pytest.raises(TypeError, match="RSA"):
        a_leaf(ca=CertPair(AUTHORITY.certificate_pem, pem_of(EC_KEY)))


def test_openssl_reads_a_new_key() -> None:
    command = ["openssl", "rsa", "-check", "-noout"]

    assert subprocess.run(command, input=x509.new_rsa_key(), text=True, check=False, capture_output=True).stderr == ""


def second_hand(issuer: CertPair) -> str:
    return a_leaf(ca=issuer, key=EC_KEY.public_key())


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    serialization = x509.serialization
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


RSA_KEY_PEM = pem_of(RSA_KEY)

AUTHORITY_PARTS = (
    "Version: 3 (0x2)",
    "Signature Algorithm: sha256WithRSAEncryption",
    "Public-Key: (2048 bit)",
    "Subject: CN=kubernetes-ca,OU=a-uuid,O=k8s",
    "Basic Constraints: critical\n                CA:TRUE, pathlen:0",
    "Key Usage: critical\n                Certificate Sign, CRL Sign\n",
    "Subject Key Identifier:",
    "Authority Key Identifier:",
)
LEAF_PARTS = (
    "Version: 3 (0x2)",
    "Signature Algorithm: sha256WithRSAEncryption",
    "Issuer: CN=kubernetes-ca,OU=a-uuid,O=k8s",
    "Subject: CN=kube-apiserver,OU=terraform,O=ops,O=dev",
    "Basic Constraints: critical\n                CA:FALSE",
    "Key Usage: critical\n                Digital Signature, Key Encipherment\n",
    "Extended Key Usage: \n                TLS Web Client Authentication, TLS Web Server Authentication\n",
    "DNS:kubernetes, DNS:kubernetes.default, IP Address:127.32.0.7",
    "Subject Key Identifier:",
    "Authority Key Identifier:",
)
