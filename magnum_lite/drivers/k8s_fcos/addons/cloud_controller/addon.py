# SPDX-License-Identifier: Apache-2.0
"""The OpenStack cloud controller manager: load balancers of services, and what Kubernetes knows of its servers."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import CloudNeeds, NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import cloud_conf, manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.model.labels import Label, boolean

MANIFESTS = Path(__file__).parent / "manifests"

ENABLED = Label(
    "cloud_provider_enabled",
    boolean(),
    True,
    "Run the OpenStack cloud controller, which makes load balancers for services.",
)


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    values = {"cluster": place.cluster.uuid, "digest": cloud_conf.digest(cloud_conf.shared(place, secrets))}
    return nodeconf.Addon("cloud_controller", manifests.load(MANIFESTS, values, place))


ADDON = AddonKind(
    name="cloud_controller",
    labels=(ENABLED,),
    images=("openstack-cloud-controller-manager",),
    is_wanted=lambda setup: setup.values[ENABLED],
    needs=CloudNeeds(cloud=True, networks=True),
    render=_render,
)
