# SPDX-License-Identifier: Apache-2.0
"""Metrics server: its label, and how those who call it know whom they talk to."""

from __future__ import annotations

import base64
from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.errors import DocumentNotReady
from magnum_lite.model.labels import Label, boolean
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import MASTER

NAME = "metrics-server"
HERE = Path(__file__).parent
FOLDER = "/etc/kubernetes/addons/metrics-server"
AUTHORITY = "kubernetes"
# What the API server calls it by (Kubernetes API aggregation: the service's DNS name).
SERVICE = "metrics-server.kube-system.svc"

METRICS_SERVER_ENABLED = Label(
    "metrics_server_enabled", boolean(), True, "Measure what nodes and pods use, for autoscaling and kubectl top."
)


def is_wanted(setup: Setup) -> bool:
    return setup.values[METRICS_SERVER_ENABLED]


def certificates(node: Node) -> tuple[nodeconf.CertificateRequest, ...]:
    """Give a master the certificate; it runs on no other node."""
    if node.role != MASTER:
        return ()
    return (
        nodeconf.CertificateRequest(
            profile=NAME, authority=AUTHORITY, path=f"{FOLDER}/serving", common_name=NAME, dns=(SERVICE,)
        ),
    )


def render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    if AUTHORITY not in secrets.authorities:
        raise DocumentNotReady(f"the authority {AUTHORITY} has not been made yet")
    values = {
        "authority": base64.b64encode(secrets.authorities[AUTHORITY].encode()).decode(),
        "folder": FOLDER,
        "replicas": min(len(place.cluster.masters), 2),
    }
    return nodeconf.Addon(NAME, manifests.load(HERE / "manifests", values, place))


ADDON = AddonKind(
    name=NAME,
    labels=(METRICS_SERVER_ENABLED,),
    images=(NAME,),
    is_wanted=is_wanted,
    render=render,
    certificates=certificates,
    reaches=(10250,),
)
