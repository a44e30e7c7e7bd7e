# SPDX-License-Identifier: Apache-2.0
"""The Ignition configuration that all nodes of a cluster boot with."""

from __future__ import annotations

from pathlib import Path

from magnum_lite.drivers.base import Material
from magnum_lite.drivers.k8s_fcos import environment, labels
from magnum_lite.heat import ignition
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import LabelValues
from magnum_lite.nodeconf import CLUSTER_FILE, ClusterFile

ROOTFS = Path(__file__).parent / "node" / "rootfs"
UNITS = Path(__file__).parent / "node" / "units" / "boot"
AGENT_FILE = "/etc/magnum-lite/agent.env"
LOGIN = "core"
PROXY_FILE = "/etc/magnum-lite/proxy.env"


def config(cluster: Cluster, values: LabelValues, material: Material) -> dict[str, object]:
    """Give what is the same on every node: files, units, and how the agent reaches our API."""
    told = ClusterFile(
        api_url=material.api_url,
        api_ca=material.api_ca,
        cluster=cluster.uuid,
        poll_seconds=material.poll_seconds,
    )
    laid = [
        *ignition.files(ROOTFS),
        ignition.file(f"/{CLUSTER_FILE}", told.to_json()),
        ignition.file(PROXY_FILE, environment.render(proxy(cluster))),
    ]
    agent = values[labels.AGENT_IMAGE] or material.agent_image
    if agent:
        laid.append(ignition.file(AGENT_FILE, environment.render({"AGENT_IMAGE": agent})))
    # A keypair belongs to one user, so Nova would not give the requester's to servers of the cluster's user.
    keys = [line.strip() for line in (cluster.ssh_public_key or "").splitlines() if line.strip()]
    return ignition.config(laid, ignition.units(UNITS), {LOGIN: keys})


def proxy(cluster: Cluster) -> dict[str, str]:
    """Give the proxies a template asks for, under both spellings that programs read."""
    given = {
        "HTTP_PROXY": cluster.http_proxy,
        "HTTPS_PROXY": cluster.https_proxy,
        "NO_PROXY": cluster.no_proxy,
    }
    named = {name: value for name, value in given.items() if value}
    return {**named, **{name.lower(): value for name, value in named.items()}}
