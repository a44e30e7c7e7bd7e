# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of certificates."""

from __future__ import annotations

from wsme import types as wtypes

from magnum_lite.api import wire
from magnum_lite.api.fields import Text
from magnum_lite.api.v1.link_views import Link

KUBERNETES = "kubernetes"
# Magnum takes both spellings of the last one, and reads any other word as the authority of Kubernetes.
KINDS = {"etcd": "etcd", "front-proxy": "front-proxy", "front_proxy": "front-proxy"}


def authority_kind(asked: str | None) -> str:
    """Give the kind of authority that ``ca_cert_type`` means."""
    return KINDS.get(asked or "", KUBERNETES)


class CertificateQuery(wtypes.Base):  # type: ignore[misc]
    ca_cert_type = wtypes.wsattr(Text())

    def to_kind(self) -> str:
        return authority_kind(wire.given(self).get("ca_cert_type"))


class CertificateWish(wtypes.Base):  # type: ignore[misc]
    """A CSR (PEM) to be signed by one of a cluster's authorities."""

    cluster_uuid = wtypes.wsattr(Text(), mandatory=True)
    csr = wtypes.wsattr(Text(65536, multiline=True), mandatory=True)
    ca_cert_type = wtypes.wsattr(Text())

    def to_kind(self) -> str:
        return authority_kind(wire.given(self).get("ca_cert_type"))


class Certificate(wtypes.Base):  # type: ignore[misc]
    """A certificate in PEM, of an authority or signed for a request."""

    cluster_uuid = str
    pem = str
    csr = str
    links = [Link]
