# SPDX-License-Identifier: Apache-2.0
"""The Ignition configuration that all nodes of a cluster boot with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from magnum_lite.drivers.base import Material
from magnum_lite.drivers.k8s_fcos import environment, labels, proxies, registries, time_sources
from magnum_lite.heat import ignition
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import LabelValues
from magnum_lite.nodeconf import CLUSTER_FILE, ClusterFile

NODE = Path(__file__).parent / "node"
ROOTFS = NODE / "rootfs"
UNITS = NODE / "units" / "boot"
# Labels whose words are names of folders, each with what it lays.
CHOICES = (labels.SELINUX_MODE,)
AGENT_FILE = "/etc/magnum-lite/agent.env"
ANCHORS = "/etc/pki/ca-trust/source/anchors"
LOGIN = "core"
PROXY_FILE = "/etc/magnum-lite/proxy.env"
# What the image brings and no node needs: another container engine, a root shell, and what tells others of the node.
MASKED = (
    "ctrl-alt-del.target",
    "debug-shell.service",
    "docker.service",
    "docker.socket",
    "rpm-ostree-countme.service",
    "rpm-ostree-countme.timer",
)


def config(cluster: Cluster, values: LabelValues, material: Material) -> dict[str, object]:
    """Give what is the same on every node: files, units, and how the agent reaches our API."""
    chosen = [file for label in CHOICES for file in ignition.files(NODE / "choices" / label.name / values[label])]
    made = [ignition.file(path, text) for path, text in _made(cluster, values, material).items()]
    # A keypair belongs to one user, so Nova would not give the requester's to servers of the cluster's user.
    keys = [line.strip() for line in (cluster.ssh_public_key or "").splitlines() if line.strip()]
    started = [*ignition.units(UNITS), *ignition.masked(MASKED)]
    # Ignition takes no key twice.
    return ignition.config([*ignition.files(ROOTFS), *chosen, *made], started, {LOGIN: list(dict.fromkeys(keys))})


def subnet(values: LabelValues, material: Material) -> str:
    """Give the network that the nodes are on."""
    return material.fixed_subnet_cidr or values[labels.FIXED_SUBNET_CIDR]


def _made(cluster: Cluster, values: LabelValues, material: Material) -> Mapping[str, str]:
    """Give the text of each file that the cluster's rows and labels make, by path."""
    told = ClusterFile(
        api_url=material.api_url,
        api_ca=material.api_ca,
        cluster=cluster.uuid,
        poll_seconds=material.poll_seconds,
    )
    inside = (subnet(values, material), values[labels.CALICO_IPV4POOL], values[labels.SERVICE_CLUSTER_IP_RANGE])
    insecure = registries.insecure_host(cluster.insecure_registry)
    return {
        f"/{CLUSTER_FILE}": told.to_json(),
        PROXY_FILE: environment.render(proxies.variables(cluster, inside)),
        time_sources.PATH: time_sources.render(values[labels.NTP_SERVERS]),
        **registries.files(values[labels.REGISTRY_MIRRORS], insecure),
        **dict(_anchors(material)),
        **dict(_agent(values, material)),
    }


def _anchors(material: Material) -> Iterator[tuple[str, str]]:
    for name, pem in (("api", material.api_ca), ("operator", material.trusted_ca)):
        if pem:
            yield f"{ANCHORS}/magnum-lite-{name}.pem", pem


def _agent(values: LabelValues, material: Material) -> Iterator[tuple[str, str]]:
    """Say which image the agent is; nothing where the servers' own image starts it."""
    image = values[labels.AGENT_IMAGE] or material.agent_image
    if image:
        yield AGENT_FILE, environment.render({"AGENT_IMAGE": image})
