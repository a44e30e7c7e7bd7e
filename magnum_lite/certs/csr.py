# SPDX-License-Identifier: Apache-2.0
"""Certificate signing requests: what they ask for, and whether their sender may have it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from magnum_lite.errors import InvalidCSR

MAX_LENGTH = 16384
MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192
MAX_VALUE_LENGTH = 64
MASTERS_GROUP = "system:masters"
RESERVED = "system:"

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_BEGIN = "-----BEGIN CERTIFICATE REQUEST-----"
_END = "-----END CERTIFICATE REQUEST-----"
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True)
class Subject:
    """The parts of a distinguished name that Kubernetes reads: the user, the groups, and units for people."""

    common_name: str
    organizations: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """Subject alternative names: DNS names, letter by letter, and addresses."""

    dns: frozenset[str] = frozenset()
    ips: frozenset[IPAddress] = frozenset()


class Allowed(Protocol):
    """Says what a request may ask for."""

    def check(self, subject: Subject, names: Names) -> None:
        """Raise ``InvalidCSR`` with what is wrong and what is allowed."""


@dataclass(frozen=True)
class OneSubject:
    """Allows exactly one subject, and any of the names."""

    subject: Subject
    names: Names

    def check(self, subject: Subject, names: Names) -> None:
        if subject != self.subject:
            raise InvalidCSR(f"The subject of the CSR is {_shown(subject)}; allowed is {_shown(self.subject)}")
        _check_names(names, self.names)


@dataclass(frozen=True)
class AnyUser:
    """Allows a person or a tool: one of ``names`` in one or more of ``groups``; ``None`` allows every one.

    What begins with ``system:`` belongs to Kubernetes itself, and no user gets it: a node's or a scheduler's name in
    the audit log must mean just that. The one exception is the administrators' group, ``system:masters``.
    """

    groups: frozenset[str] | None = None
    names: frozenset[str] | None = None

    @property
    def is_unlimited(self) -> bool:
        return self.groups is None

    def check(self, subject: Subject, names: Names) -> None:
        self._check_name(subject.common_name)
        for group in subject.organizations:
            self._check_group(group)
        if self.groups is not None and not subject.organizations:
            raise InvalidCSR(f"The CSR asks for no group; it must ask for O of {_listed(self.groups)}")
        _check_names(names, Names())

    def _check_name(self, name: str) -> None:
        if self.names is not None and name not in self.names:
            raise InvalidCSR(f"The CSR asks for CN={name!r}; allowed are: {_listed(self.names)}")
        if name.startswith(RESERVED):
            raise InvalidCSR(f"The CSR asks for CN={name!r}; names that begin with {RESERVED!r} are Kubernetes' own")

    def _check_group(self, group: str) -> None:
        if self.groups is not None and group not in self.groups:
            raise InvalidCSR(f"The CSR asks for the group O={group!r}; allowed are: {_listed(self.groups)}")
        if group.startswith(RESERVED) and group != MASTERS_GROUP:
            raise InvalidCSR(
                f"The CSR asks for the group O={group!r}; of the groups that begin with {RESERVED!r} "
                f"only {MASTERS_GROUP!r} is for users"
            )


@dataclass(frozen=True)
class CheckedCSR:
    """A request that is well-formed, proves its key, and asks for nothing that is not allowed."""

    public_key: PublicKey
    subject: Subject
    names: Names


def check_csr(pem: str, allowed: Allowed) -> CheckedCSR:
    """Read one CSR in PEM; raise ``InvalidCSR`` that names what is wrong and what is allowed.

    The key is RSA of 2048 to 8192 bits or ECDSA on P-256 or P-384; the subject has one CN, any number of O and OU and
    nothing else. Extensions other than subject alternative names and CA:true are not looked at: what a certificate
    may be used for is not the sender's choice.
    """
    request = _load(pem)
    try:
        key = _checked_key(request)
        _check_signature(request)
        subject = _subject(request.subject)
        names = _names(request.extensions)
    except _UNREADABLE as error:
        raise InvalidCSR(f"The CSR cannot be read: {error}") from error
    allowed.check(subject, names)
    return CheckedCSR(public_key=key, subject=subject, names=names)


def _load(pem: str) -> x509.CertificateSigningRequest:
    if len(pem) > MAX_LENGTH:
        raise InvalidCSR(f"The CSR has {len(pem)} characters; allowed are at most {MAX_LENGTH}")
    # Some tools still write the label "NEW CERTIFICATE REQUEST".
    text = pem.strip().replace(" NEW CERTIFICATE REQUEST-", " CERTIFICATE REQUEST-")
    if not (text.startswith(_BEGIN) and text.endswith(_END) and text.count("-----BEGIN") == 1):
        raise InvalidCSR("The CSR is not one PEM block 'CERTIFICATE REQUEST' and nothing else")
    try:
        return x509.load_pem_x509_csr(text.encode("ascii"))
    except _UNREADABLE as error:
        raise InvalidCSR("The CSR is not a PKCS#10 request in PEM") from error


def _checked_key(request: x509.CertificateSigningRequest) -> PublicKey:
    key = request.public_key()
    if isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
        return key
    size = key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else getattr(key, "key_size", "")
    raise InvalidCSR(
        f"The CSR's key is {type(key).__name__.removesuffix('PublicKey')} {size}; allowed are RSA of {MIN_RSA_BITS} to "
        f"{MAX_RSA_BITS} bits and ECDSA on P-256 or P-384"
    )


def _check_signature(request: x509.CertificateSigningRequest) -> None:
    if not request.is_signature_valid:
        raise InvalidCSR("The CSR's signature is not made with the key it carries")


def _subject(name: x509.Name) -> Subject:
    values: dict[x509.ObjectIdentifier, list[str]] = {
        NameOID.COMMON_NAME: [],
        NameOID.ORGANIZATION_NAME: [],
        NameOID.ORGANIZATIONAL_UNIT_NAME: [],
    }
    for attribute in name:
        if attribute.oid not in values:
            shown = attribute.rfc4514_attribute_name
            raise InvalidCSR(f"The subject of the CSR has the attribute {shown}; allowed are CN, O and OU")
        values[attribute.oid].append(_checked_value(attribute, values[attribute.oid]))
    common_names, organizations, units = values.values()
    if len(common_names) != 1:
        raise InvalidCSR(f"The subject of the CSR has {len(common_names)} CN; allowed is exactly one")
    return Subject(common_names[0], tuple(organizations), tuple(units))


def _checked_value(attribute: x509.NameAttribute[str | bytes], before: list[str]) -> str:
    value, shown = attribute.value, attribute.rfc4514_attribute_name
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= MAX_VALUE_LENGTH:
        raise InvalidCSR(
            f"The subject of the CSR has {shown}={value!r:.100}; "
            f"allowed are 1 to {MAX_VALUE_LENGTH} printable characters"
        )
    if value in before:
        raise InvalidCSR(f"The subject of the CSR has {shown}={value!r} twice; allowed is once")
    return value


def _names(extensions: x509.Extensions) -> Names:
    dns: set[str] = set()
    ips: set[IPAddress] = set()
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints) and value.ca:
            raise InvalidCSR("The CSR asks for CA:true; allowed is CA:false")
        if not isinstance(value, x509.SubjectAlternativeName):
            continue
        for name in value:
            if isinstance(name, x509.DNSName):
                dns.add(name.value)
            elif isinstance(name, x509.IPAddress) and isinstance(name.value, IPAddress):
                ips.add(name.value)
            else:
                raise InvalidCSR(f"The CSR has the alternative name {name!r:.100}; allowed are DNS names and addresses")
    return Names(frozenset(dns), frozenset(ips))


def _check_names(asked: Names, allowed: Names) -> None:
    extra = [*sorted(asked.dns - allowed.dns), *sorted(str(ip) for ip in asked.ips - allowed.ips)]
    if extra:
        known = ", ".join([*sorted(allowed.dns), *sorted(str(ip) for ip in allowed.ips)]) or "none"
        raise InvalidCSR(f"The CSR asks for the alternative names {', '.join(extra):.200}; allowed are: {known}")


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words)) or "none"


def _shown(subject: Subject) -> str:
    parts = [f"CN={subject.common_name}"]
    parts += [f"O={value}" for value in subject.organizations]
    parts += [f"OU={value}" for value in subject.units]
    return repr(",".join(parts))
