# SPDX-License-Identifier: Apache-2.0
"""Whether a part of Kubernetes on this node answers, asked as a careful client: it must be the cluster's own."""

from __future__ import annotations

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import CallFailed
from magnum_lite.agent.web import Call, CertPair, Trust, send

PROBE_SECONDS = 3.0
AUTHORITY = "/etc/kubernetes/pki/kubernetes-ca.crt"
CLIENT = "/etc/kubernetes/pki/kubelet"


def probe(url: str, disk: Disk) -> bool:
    """Tell whether the URL answers 200; over HTTPS only from a server that the cluster's authority knows.

    A server that asks who we are gets the node's own client certificate.
    """
    authority = disk.find(AUTHORITY)
    if url.startswith("https:") and authority is None:
        return False
    trust = Trust(None if authority is None else authority.decode(), client=_client(disk))
    try:
        return send(Call("GET", url, {}), trust, timeout=PROBE_SECONDS).status == 200
    except (CallFailed, OSError):
        # Certificates that cannot be read are OSErrors: those of this moment may be about to be replaced.
        return False


def _client(disk: Disk) -> CertPair | None:
    key, certificate = disk.at(f"{CLIENT}.key"), disk.at(f"{CLIENT}.crt")
    return CertPair(key, certificate) if key.exists() and certificate.exists() else None
