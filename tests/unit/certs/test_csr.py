# SPDX-License-Identifier: Apache-2.0
"""What a certificate signing request may ask for."""

import base64
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from magnum_lite.certs.csr import AnyUser, CheckedCSR, Names, OneSubject, Subject, check_csr
from magnum_lite.errors import InvalidCSR
from tests.unit.certs.certificates import EC_KEY, RSA_KEY, a_csr, pem_of

NODE = OneSubject(
    Subject("system:node:k8s-worker-0", ("system:nodes",)),
    Names(frozenset({"k8s-worker-0"}), frozenset({ipaddress.ip_address("127.32.0.7")})),
)
MOST_SHOWN = 60
ANYBODY = AnyUser()


def of_node(**changes: object) -> str:
    wanted = {"common_name": "system:node:k8s-worker-0", "organizations": ["system:nodes"], **changes}
    return a_csr(**wanted)  # type: ignore[arg-type]


def refusal(pem: str, allowed: AnyUser | OneSubject = ANYBODY) -> str:
    with pytest.raises(InvalidCSR) as caught:
        check_csr(pem, allowed)
    return caught.value.message


def test_a_node_gets_its_own_subject_and_names() -> None:
    names = [x509.DNSName("k8s-worker-0"), x509.IPAddress(ipaddress.ip_address("127.32.0.7"))]

    checked = check_csr(of_node(names=names), NODE)

    assert (NODE.subject, NODE.names) == (checked.subject, checked.names)


def test_a_node_may_ask_for_fewer_names_than_it_has() -> None:
    checked = check_csr(of_node(names=[x509.DNSName("k8s-worker-0")]), NODE)

    assert Names(frozenset({"k8s-worker-0"})) == checked.names


@pytest.mark.parametrize(
    "changes",
    [
        {"common_name": "system:node:k8s-worker-1"},
        {"common_name": "admin", "organizations": ["system:masters"]},
        {"organizations": []},
        {"organizations": ["system:nodes", "system:masters"]},
        {"attributes": [(NameOID.ORGANIZATIONAL_UNIT_NAME, "x")]},
    ],
)
def test_a_node_gets_no_other_subject(changes: dict[str, object]) -> None:
    sentence = refusal(of_node(**changes), NODE)

    assert sentence.endswith("allowed is 'CN=system:node:k8s-worker-0,O=system:nodes'")


@pytest.mark.parametrize(
    "name",
    [
        x509.DNSName("kubernetes.default"),
        x509.DNSName("*"),
        x509.DNSName("K8S-WORKER-0"),
        x509.IPAddress(ipaddress.ip_address("127.32.0.8")),
        x509.IPAddress(ipaddress.ip_network("127.32.0.0/16")),
        x509.RFC822Name("a@example.org"),
        x509.UniformResourceIdentifier("spiffe://x"),
    ],
)
def test_a_node_gets_no_other_name(name: x509.GeneralName) -> None:
    assert "allowed are" in refusal(of_node(names=[name]), NODE)


def test_a_users_client_of_terraform_is_understood() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    unit = [(NameOID.ORGANIZATIONAL_UNIT_NAME, "terraform")]

    checked = check_csr(a_csr("admin", ["system:masters"], attributes=unit, key=key, digest=hashes.SHA512()), ANYBODY)

    assert Subject("admin", ("system:masters",), ("terraform",)) == checked.subject


def test_several_groups_in_one_part_of_the_name_are_understood() -> None:
    # Go's libraries write all values of O into one set.
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in ("dev", "ops")]
    name = x509.Name(
        [
            x509.RelativeDistinguishedName(groups),
            x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "ann")]),
        ]
    )
    request = x509.CertificateSigningRequestBuilder(name).sign(RSA_KEY, hashes.SHA256())

    assert {"dev", "ops"} == set(check_csr(pem_of(request), ANYBODY).subject.organizations)


def test_a_user_gets_none_but_the_allowed_groups() -> None:
    sentence = refusal(a_csr("ann", ["dev", "system:masters"]), AnyUser(frozenset({"dev"})))

    assert sentence == "The CSR asks for the group O='system:masters'; allowed are: dev"


def test_a_limited_user_must_name_a_group() -> None:
    assert "must ask for O of dev" in refusal(a_csr("ann"), AnyUser(frozenset({"dev"})))


def test_a_limited_user_gets_none_but_the_allowed_names() -> None:
    sentence = refusal(a_csr("bob", ["dev"]), AnyUser(frozenset({"dev"}), frozenset({"ann", "ann-id"})))

    assert sentence == "The CSR asks for CN='bob'; allowed are: ann, ann-id"


@pytest.mark.parametrize("allowed", [ANYBODY, AnyUser(frozenset({"dev"}))])
@pytest.mark.parametrize("name", ["system:kube-scheduler", "system:node:k8s-worker-0", "system:admin"])
def test_no_user_gets_a_name_of_kubernetes_itself(name: str, allowed: AnyUser) -> None:
    assert f"CN='{name}'" in refusal(a_csr(name, ["dev"]), allowed)


@pytest.mark.parametrize("group", ["system:nodes", "system:serviceaccounts"])
def test_no_user_gets_a_group_of_kubernetes_itself_but_the_administrators(group: str) -> None:
    assert f"O='{group}'" in refusal(a_csr("ann", [group]))
    assert check_csr(a_csr("ann", ["system:masters"]), ANYBODY).subject == Subject("ann", ("system:masters",))


def test_a_user_gets_no_alternative_names() -> None:
    assert "allowed are: none" in refusal(a_csr(names=[x509.DNSName("kubernetes")]))


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_an_elliptic_key_is_understood(curve: ec.EllipticCurve) -> None:
    assert Subject("ann") == check_csr(a_csr("ann", key=ec.generate_private_key(curve)), ANYBODY).subject


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (rsa.generate_private_key(public_exponent=65537, key_size=1024), "RSA 1024"),  # noqa: S505
        (ec.generate_private_key(ec.SECP521R1()), "EC secp521r1"),
        (ec.generate_private_key(ec.SECP256K1()), "EC secp256k1"),
    ],
)
def test_a_key_of_another_kind_or_size_is_refused(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, shown: str
) -> None:
    assert shown in refusal(a_csr(key=key))


def test_a_signature_of_another_key_is_refused() -> None:
    der = bytearray(base64.b64decode("".join(a_csr(key=EC_KEY).splitlines()[1:-1])))
    one, two = der.index(b"admin"), der.index(b"admin") + 5
    der[one:two] = b"adm1n"

    assert refusal(as_pem(bytes(der))) == "The CSR's signature is not made with the key it carries"


@pytest.mark.parametrize(
    "extension",
    [
        x509.SubjectKeyIdentifier(b"12345678901234567890"),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]),
        x509.BasicConstraints(ca=False, path_length=None),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
    ],
)
def test_other_extensions_do_no_harm(extension: x509.ExtensionType) -> None:
    assert Subject("admin") == check_csr(a_csr(extensions=[extension]), ANYBODY).subject


def test_nobody_becomes_an_authority() -> None:
    assert "CA:true" in refusal(a_csr(extensions=[x509.BasicConstraints(ca=True, path_length=None)]))


@pytest.mark.parametrize(
    ("pem", "part"),
    [
        (a_csr(""), "0 CN"),
        (a_csr("a", attributes=[(NameOID.COMMON_NAME, "b")]), "2 CN"),
        (a_csr("a", ["dev", "dev"]), "O='dev' twice"),
        (a_csr("a", attributes=[(NameOID.EMAIL_ADDRESS, "a@example.org")]), "1.2.840.113549.1.9.1"),
        (a_csr("a", attributes=[(NameOID.COUNTRY_NAME, "DE")]), "the attribute C;"),
        (a_csr("a\nb"), "printable"),
        (a_csr("a\0b"), "printable"),
        ("", "one PEM block"),
        ("hello", "one PEM block"),
        (a_csr() + a_csr(), "one PEM block"),
        (a_csr() + "trailing", "one PEM block"),
        (a_csr().replace("M", "é"), "not a PKCS#10 request"),
        (a_csr()[:-80] + "-----END CERTIFICATE REQUEST-----", "not a PKCS#10 request"),
        ("x" * 20000, "20000 characters"),
    ],
    # A CSR has another key each time, so it cannot be part of a test's name.
    ids=lambda value: "pem" if len(value) > MOST_SHOWN else None,
)
def test_what_is_not_one_proper_request_is_refused_with_the_reason(pem: str, part: str) -> None:
    assert part in refusal(pem)


def test_the_old_label_of_a_request_is_understood() -> None:
    pem = a_csr("ann").replace(" CERTIFICATE REQUEST", " NEW CERTIFICATE REQUEST")

    assert Subject("ann") == check_csr(pem, ANYBODY).subject


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    refusal(text)
    refusal(f"-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n")


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_request_is_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    der = bytearray(ORIGINAL)
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))

    result = outcome(as_pem(bytes(der)))

    assert isinstance(result, InvalidCSR) or result == outcome(as_pem(ORIGINAL))


def outcome(pem: str) -> Subject | InvalidCSR:
    try:
        checked: CheckedCSR = check_csr(pem, NODE)
    except InvalidCSR as error:
        return error
    return checked.subject


def as_pem(der: bytes) -> str:
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{text}-----END CERTIFICATE REQUEST-----\n"


ORIGINAL = base64.b64decode("".join(of_node(key=EC_KEY, names=[x509.DNSName("k8s-worker-0")]).splitlines()[1:-1]))
