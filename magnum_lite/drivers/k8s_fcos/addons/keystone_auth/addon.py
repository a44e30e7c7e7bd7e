# SPDX-License-Identifier: Apache-2.0
"""k8s-keystone-auth: users log in to Kubernetes with a token of Keystone, and have what their roles allow."""

from __future__ import annotations

import json
from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import CloudNeeds, NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import cloud_conf, manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.drivers.k8s_fcos.webhook_labels import AUTHENTICATION_WEBHOOK_URL
from magnum_lite.model.labels import Label, boolean

MANIFESTS = Path(__file__).parent / "manifests"
POLICIES = Path(__file__).parent / "policies"

ENABLED = Label(
    "keystone_auth_enabled",
    boolean(),
    True,
    "Let users with a role in the cluster's project log in to Kubernetes with a token of Keystone.",
)


def _render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    cloud = cloud_conf.access(place, secrets)
    trust = {cloud_conf.CA: cloud.ca} if cloud.ca else {}
    values = {
        "keystone": cloud.auth_url,
        # Empty, the argument stands for the image's own trust.
        "ca_file": cloud_conf.CA_FILE if cloud.ca else "",
        "trust": trust,
        "policies": json.dumps(policies(place)),
        "digest": cloud_conf.digest({"keystone": cloud.auth_url, **trust}),
    }
    return nodeconf.Addon("keystone_auth", manifests.load(MANIFESTS, values, place))


def policies(place: Place) -> tuple[object, ...]:
    """Give what Keystone's roles allow in the cluster's own project; in any other they allow nothing."""
    return manifests.load(POLICIES, {"projects": [place.cluster.project_id]}, place)


def _is_wanted(setup: Setup) -> bool:
    """Where a webhook of the owner's own takes Keystone's place, nobody would ask it."""
    return setup.values[ENABLED] and not setup.values[AUTHENTICATION_WEBHOOK_URL]


ADDON = AddonKind(
    name="keystone_auth",
    labels=(ENABLED,),
    images=("k8s-keystone-auth",),
    is_wanted=_is_wanted,
    needs=CloudNeeds(cloud=True),
    render=_render,
)
