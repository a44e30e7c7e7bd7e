# SPDX-License-Identifier: Apache-2.0
"""Whether a node document is one that this node can follow, judged before anything is touched."""

from __future__ import annotations

import re

from magnum_lite.agent import x509
from magnum_lite.agent.boot import Boot
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.download import is_safe
from magnum_lite.agent.errors import BadCertificate, BadDocument
from magnum_lite.nodeconf import Binary, CertificateRequest, File, Membership, NodeDocument, Source, Unit

DIGEST = re.compile(r"[^\s@]+@(sha256:[0-9a-f]{64})")
UNIT_NAME = re.compile(r"[A-Za-z0-9:_.@-]+\.(?:service|socket|timer|target|path|mount)")
SHA256 = re.compile(r"[0-9a-f]{64}")
MEMBER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
MEMBER_URL = re.compile(r"https://[A-Za-z0-9.:\[\]-]+")
READY = re.compile(r"active|https?://\S+")


def check(document: NodeDocument, boot: Boot, disk: Disk) -> None:
    """Raise ``BadDocument`` that names the part which no node, or not this one, can follow."""
    if (document.node, document.cluster) != (boot.node.node, boot.cluster.cluster):
        raise BadDocument(f"the document is of node {document.node} of cluster {document.cluster}, not of this one")
    if not isinstance(document.generation, int):
        raise BadDocument(f"Invalid generation {document.generation!r}: it must be a number")
    for file in document.files:
        _check_file(file, disk)
    for name, pem in document.authorities.items():
        _check_authority(name, pem)
    for name, path in document.authority_paths.items():
        disk.at(path)
        _check_known(document, f"the path {path}", name)
    for request in document.certificates:
        disk.at(request.path)
        _check_known(document, f"certificate {request.profile}", request.authority)
        _check_request(request)
    for binary in document.binaries:
        _check_binary(binary, disk)
    for addon in document.addons or ():
        for upstream in addon.upstream:
            _check_source(f"addon {addon.name}", upstream.source)
    for unit in document.units:
        _check_unit(unit)
    if document.etcd is not None:
        check_membership(document.etcd, disk)


def check_membership(membership: Membership, disk: Disk) -> None:
    """Raise ``BadDocument`` for members that could not be written down for etcd as they are."""
    for path in (membership.data, membership.certificate, membership.authority, membership.environment):
        disk.at(path)
    for name, url in (*membership.members.items(), *membership.clients.items()):
        if MEMBER_NAME.fullmatch(name) is None or MEMBER_URL.fullmatch(url) is None:
            raise BadDocument(f"Invalid member {name!r} of etcd at {url!r}: it must be a plain name and an HTTPS URL")
    if membership.name not in membership.members:
        raise BadDocument(f"{membership.name} is not among etcd's members {', '.join(membership.members)}")


def pinned_digest(image: str) -> str:
    """Give the digest of an image reference; raise ``BadDocument`` unless it is pinned by one."""
    match = DIGEST.fullmatch(image)
    if match is None:
        raise BadDocument(f"Invalid image {image!r}: it must be pinned by a digest, as in name:tag@sha256:...")
    return match.group(1)


def _check_file(file: File, disk: Disk) -> None:
    disk.at(file.path)
    if not 0 <= file.mode <= 0o777:
        raise BadDocument(f"file {file.path}: mode {file.mode:#o} must be between 0 and 0o777")


def _check_binary(binary: Binary, disk: Disk) -> None:
    for path in binary.paths.values():
        disk.at(path)
    for source in binary.sources.values():
        _check_source(f"binary {binary.name}", source)


def _check_source(what: str, source: Source) -> None:
    if not is_safe(source.url):
        raise BadDocument(f"{what}: Invalid url {source.url!r}: it must be an HTTPS URL")
    if SHA256.fullmatch(source.sha256) is None:
        raise BadDocument(f"{what}: Invalid sha256 {source.sha256!r}: it must have 64 hexadecimal digits")


def _check_known(document: NodeDocument, what: str, authority: str) -> None:
    if authority not in document.authorities:
        known = ", ".join(sorted(document.authorities)) or "none"
        raise BadDocument(f"{what} names the unknown authority {authority!r}; known: {known}")


def _check_request(request: CertificateRequest) -> None:
    try:
        x509.check_request(request)
    except BadCertificate as error:
        raise BadDocument(error.message) from error


def _check_authority(name: str, pem: str) -> None:
    try:
        x509.check_authority(name, pem)
    except BadCertificate as error:
        raise BadDocument(error.message) from error


def _check_unit(unit: Unit) -> None:
    if UNIT_NAME.fullmatch(unit.name) is None:
        raise BadDocument(f"Invalid unit name {unit.name!r}: it must be a plain systemd unit name such as etcd.service")
    if unit.ready is not None and READY.fullmatch(unit.ready) is None:
        raise BadDocument(f"unit {unit.name}: ready {unit.ready!r} must be a URL, 'active' or null")
    if unit.image is not None:
        pinned_digest(unit.image)
