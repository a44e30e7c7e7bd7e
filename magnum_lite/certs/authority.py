# SPDX-License-Identifier: Apache-2.0
"""The certificate authorities of a cluster: made once, kept in the vault, asked to sign."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Collection

from magnum_lite.certs import x509
from magnum_lite.certs.csr import AnyUser, Names, OneSubject, Subject, check_csr
from magnum_lite.certs.signee import Signee
from magnum_lite.certs.vaults import Vault
from magnum_lite.certs.x509 import CertPair, Usage
from magnum_lite.errors import Forbidden
from magnum_lite.nodeconf import CertificateRequest

KUBERNETES = "kubernetes"
ETCD = "etcd"
FRONT_PROXY = "front-proxy"
KINDS = (KUBERNETES, ETCD, FRONT_PROXY)

# These certificates only serve; every other one also, or only, proves who a client is.
_SERVING_ONLY = frozenset({"apiserver", "keystone-auth", "metrics-server", "node-exporter"})


def name_of(cluster_uuid: str, kind: str) -> str:
    """Give the name under which the vault keeps an authority."""
    return f"{cluster_uuid}-ca-{kind}"


def ensure(vault: Vault, cluster_uuid: str, cluster_name: str, *, days: int) -> dict[str, str]:
    """Give the CA certificates of a cluster, PEM by kind, and make those that are not in the vault yet.

    Their subjects differ: the CN names the kind, O the cluster's name, OU its UUID.
    """
    pems = {}
    for kind in KINDS:
        make = functools.partial(_new_ca, kind, cluster_name, cluster_uuid, days)
        secret = vault.ensure(name_of(cluster_uuid, kind), cluster_uuid, make)
        pems[kind] = CertPair.from_pem(secret).certificate_pem
    return pems


def sign_for_node(vault: Vault, cluster_uuid: str, request: CertificateRequest, csr_pem: str, *, days: int) -> str:
    """Sign one of a node's own certificates and give it in PEM.

    The CSR must carry the subject of the request and no names but its names. It may serve if the request has names.
    Raises ``InvalidCSR``, and ``NotFound`` while the cluster has no authorities.
    """
    organizations = () if request.organization is None else (request.organization,)
    names = Names(frozenset(request.dns), frozenset(ipaddress.ip_address(ip) for ip in request.ips))
    allowed = OneSubject(Subject(request.common_name, organizations), names)
    csr = check_csr(csr_pem, allowed)
    return x509.sign(_get(vault, cluster_uuid, request.authority), csr, usages=_usages(request), days=days)


def sign_for_user(vault: Vault, cluster_uuid: str, kind: str, csr_pem: str, signee: Signee, *, days: int) -> str:
    """Sign a certificate with which a person or a tool is a client of the cluster, and give it in PEM.

    The other authorities' certificates are worth as much as ``system:masters``, so they are for those who may ask for
    every group. Raises ``InvalidCSR``, ``Forbidden``, and ``NotFound`` while the cluster has no authorities.
    """
    allowed = AnyUser(_frozen(signee.groups), _frozen(signee.names))
    if kind != KUBERNETES and not allowed.is_unlimited:
        raise Forbidden(f"A certificate of the authority {kind} is for administrators of the cluster only")
    csr = check_csr(csr_pem, allowed)
    return x509.sign(_get(vault, cluster_uuid, kind), csr, usages=(Usage.CLIENT,), days=days)


def _frozen(words: Collection[str] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words)


def _new_ca(kind: str, cluster_name: str, cluster_uuid: str, days: int) -> bytes:
    return x509.new_ca(f"{kind}-ca", organization=cluster_name, unit=cluster_uuid, days=days).to_pem()


def _get(vault: Vault, cluster_uuid: str, kind: str) -> CertPair:
    return CertPair.from_pem(vault.get(name_of(cluster_uuid, kind)))


def _usages(request: CertificateRequest) -> frozenset[Usage]:
    usages = set()
    if request.dns or request.ips:
        usages.add(Usage.SERVER)
    if request.profile not in _SERVING_ONLY:
        usages.add(Usage.CLIENT)
    return frozenset(usages)
