# SPDX-License-Identifier: Apache-2.0
"""Node exporter: on every node as long as the cluster is monitored, with a certificate of that node's own."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos import addresses
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.addons.prometheus import addon as prometheus
from magnum_lite.drivers.k8s_fcos.addons.settings import as_files, fingerprint
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.model.node import Node

NAME = "node-exporter"
HERE = Path(__file__).parent
FOLDER = "/etc/kubernetes/addons/node-exporter"


def certificates(node: Node) -> tuple[nodeconf.CertificateRequest, ...]:
    """Give the node the certificate of what it serves at its own address."""
    return (
        nodeconf.CertificateRequest(
            profile=NAME,
            authority="kubernetes",
            path=f"{FOLDER}/serving",
            common_name=NAME,
            dns=(node.name,),
            ips=(addresses.own(node),),
        ),
    )


def render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    script = HERE / "scripts" / "copy-certificate"
    files = {**as_files(HERE / "settings"), script.name: script.read_text()}
    values = {"files": files, "fingerprint": fingerprint(files), "folder": FOLDER}
    return nodeconf.Addon(NAME, manifests.load(HERE / "manifests", values, place))


ADDON = AddonKind(
    name=NAME,
    labels=(),
    images=(NAME,),
    is_wanted=prometheus.is_wanted,
    render=render,
    certificates=certificates,
)
