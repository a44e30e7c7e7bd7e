# SPDX-License-Identifier: Apache-2.0
"""What a release is: one set of component versions that belong together, each named by a digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

FOLDER = Path(__file__).parent
# The release of which the projects themselves have published most digests.
DEFAULT = "v1.34.7"

MACHINES = ("amd64", "arm64")
BINARIES = ("kubelet", "containerd", "runc", "cni-plugins")
MANIFESTS = ("calico",)
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "pause")
CLOUD_PROVIDER = (
    "openstack-cloud-controller-manager",
    "cinder-csi-plugin",
    "k8s-keystone-auth",
    "magnum-auto-healer",
    "octavia-ingress-controller",
)
CALICO = ("calico-node", "calico-cni", "calico-kube-controllers")
COMPONENTS = (
    *CONTROL_PLANE,
    "coredns",
    *CALICO,
    "flannel",
    "flannel-cni-plugin",
    *CLOUD_PROVIDER,
    "csi-attacher",
    "csi-provisioner",
    "csi-snapshotter",
    "csi-resizer",
    "csi-node-driver-registrar",
    "csi-livenessprobe",
    "cluster-autoscaler",
    "node-problem-detector",
    "node-exporter",
    "prometheus",
    "metrics-server",
    "fluent-bit",
    "magnum-lite-agent",
)


@dataclass(frozen=True)
class Binary:
    """A download and the SHA-256 it must have."""

    url: str
    sha256: str

    def url_at(self, prefix: str) -> str:
        """Give where it is downloaded from; a mirror's ``prefix`` that ends in ``/`` goes before host and path."""
        parts = urlsplit(self.url)
        return f"{prefix}{parts.netloc}{parts.path}" if prefix else self.url


@dataclass(frozen=True)
class Release:
    """What belongs together: images (``name:tag@sha256:...``) by component, binaries by name and architecture.

    ``manifests`` are what other projects publish, by component. ``unpinned`` maps a component to the image
    (``name:tag``) that would belong to this release, and whose digest nobody trustworthy has published.
    """

    tag: str
    images: Mapping[str, str]
    binaries: Mapping[str, Mapping[str, Binary]]
    manifests: Mapping[str, Binary] = field(default_factory=dict)
    unpinned: Mapping[str, str] = field(default_factory=dict)

    def image(self, component: str, prefix: str = "") -> str:
        """Give a component's image; a ``prefix`` that ends in ``/`` takes the place of its registry and path."""
        image = self.images[component]
        return f"{prefix}{image.rpartition('/')[2]}" if prefix else image

    def downloads(self) -> dict[str, Binary]:
        """Give every download by its name: ``kubelet/amd64`` for a binary, ``calico`` for a manifest."""
        binaries = {
            f"{name}/{machine}": one
            for name, by_machine in self.binaries.items()
            for machine, one in by_machine.items()
        }
        return {**binaries, **self.manifests}
