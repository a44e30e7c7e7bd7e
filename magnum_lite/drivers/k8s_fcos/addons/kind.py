# SPDX-License-Identifier: Apache-2.0
"""What an addon is: the labels that switch and tune it, the images it needs and the objects it consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from magnum_lite import nodeconf
from magnum_lite.drivers.base import CloudNeeds, NodeSecrets
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.model.labels import Label
from magnum_lite.model.node import Node
from magnum_lite.releases.catalogue import Release


def no_certificates(node: Node) -> tuple[nodeconf.CertificateRequest, ...]:
    return ()


NOTHING = CloudNeeds()


@dataclass(frozen=True)
class AddonKind:
    """One addon, declared once in its own folder.

    ``images`` names the components of a release it runs; an addon is left out while the release pins one of them too
    few. ``manifests`` names what of other projects it needs. ``is_wanted`` reads the cluster's labels and template.
    ``reaches`` are the TCP ports of every node at which its Pods have to be answered, on whichever node they run.
    ``needs`` is what it has to be told of the cloud.
    ``certificates`` are those that a node needs for what runs on it, each in a folder of its own, which its Pods see.
    """

    name: str
    labels: tuple[Label[object], ...]
    images: tuple[str, ...]
    is_wanted: Callable[[Setup], bool]
    render: Callable[[Place, NodeSecrets], nodeconf.Addon]
    manifests: tuple[str, ...] = ()
    reaches: tuple[int, ...] = ()
    needs: CloudNeeds = NOTHING
    certificates: Callable[[Node], tuple[nodeconf.CertificateRequest, ...]] = no_certificates

    def missing(self, release: Release) -> tuple[str, ...]:
        """Give the components that the addon needs and the release does not pin."""
        images = (name for name in self.images if name not in release.images)
        manifests = (name for name in self.manifests if name not in release.manifests)
        return (*images, *manifests)
