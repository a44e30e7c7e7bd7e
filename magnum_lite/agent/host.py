# SPDX-License-Identifier: Apache-2.0
"""What the agent needs of the machine it runs on: container images, programs and systemd units."""

from __future__ import annotations

from typing import Protocol

from magnum_lite.agent.kubernetes import Kubernetes
from magnum_lite.nodeconf import Binary, Source, Unit


class Host(Protocol):
    """A machine; every method raises ``HostFailed`` when the machine cannot do it."""

    def image_digest(self, image: str) -> str | None:
        """Give the digest (``sha256:...``) of an image that is on the machine, ``None`` when it is not."""

    def pull(self, image: str) -> None:
        """Fetch a digest-pinned image; one without a digest is refused."""

    def has_binary(self, binary: Binary) -> bool:
        """Tell whether all its programs lie where they belong, just as ``fetch`` has laid them."""

    def fetch(self, binary: Binary) -> None:
        """Download it for this machine and lay its programs; nothing is laid of what has another SHA-256."""

    def download(self, source: Source) -> bytes:
        """Give the bytes of a download that has the SHA-256 it must have."""

    def units(self) -> frozenset[str]:
        """Give the names of the units that were written through this host."""

    def write_unit(self, unit: Unit) -> None:
        """Make the unit file so and have it started at every boot."""

    def remove_unit(self, name: str) -> None:
        """Make the unit file gone; the unit must be stopped."""

    def reload(self) -> None:
        """Make systemd know the unit files as they are now; do nothing when it does."""

    def start(self, name: str) -> None:
        """Start a unit and return when it runs; for a oneshot, when it exited with 0."""

    def stop(self, name: str) -> None:
        """Stop a unit; one that does not run is left alone."""

    def is_active(self, name: str) -> bool: ...

    def is_mounted(self, path: str) -> bool:
        """Tell whether a file system of its own is mounted on this path."""

    def probe(self, url: str) -> bool:
        """Tell whether a URL of this machine answers 200 now."""

    def kubernetes(self, kubeconfig: str) -> Kubernetes:
        """Give the API server that a kubeconfig (an absolute path of the node) leads to, without calling it."""
