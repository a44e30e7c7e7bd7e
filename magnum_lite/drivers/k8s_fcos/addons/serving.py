# SPDX-License-Identifier: Apache-2.0
"""The certificates that addons serve with, signed for each node by the cluster's own authority."""

from __future__ import annotations

from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.drivers.k8s_fcos.place import Setup
from magnum_lite.model.node import Node
from magnum_lite.nodeconf import CertificateRequest


def requests(setup: Setup, node: Node) -> tuple[CertificateRequest, ...]:
    """Give what this node may have for the addons that its cluster wants; raise ``DocumentNotReady`` as they do."""
    return tuple(request for kind in ADDONS if kind.is_wanted(setup) for request in kind.certificates(node))
