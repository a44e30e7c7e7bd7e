# SPDX-License-Identifier: Apache-2.0
"""Who else says to the API server who somebody is and what he may do: Keystone, or a webhook of the cluster's owner."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from magnum_lite.drivers.k8s_fcos import node_files
from magnum_lite.drivers.k8s_fcos.addons import rendering
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.drivers.k8s_fcos.webhook_labels import AUTHENTICATION_WEBHOOK_CA, AUTHENTICATION_WEBHOOK_URL
from magnum_lite.nodeconf import File

FOLDER = "/etc/kubernetes/apiserver"
KEYSTONE_ADDON = "keystone_auth"
KEYSTONE_URL = "https://127.0.0.1:8443/webhook"
KEYSTONE_FILE = f"{FOLDER}/keystone.kubeconfig"
OWN_FILE = f"{FOLDER}/token-webhook.kubeconfig"
# k8s-keystone-auth reads no newer version of a review; what owners write themselves is asked as Kubernetes asks today.
KEYSTONE_VERSION = "v1beta1"
OWN_VERSION = "v1"


@dataclass(frozen=True)
class Webhook:
    """Who is asked about a token: the file that says where, and the version of the question."""

    file: File
    version: str

    @property
    def flags(self) -> str:
        """Give the API server's flags, which a unit takes apart at blanks."""
        return (
            f"--authentication-token-webhook-config-file={self.file.path} "
            f"--authentication-token-webhook-version={self.version} --authentication-token-webhook-cache-ttl=1m0s"
        )


def runs_keystone(place: Place) -> bool:
    """Tell whether k8s-keystone-auth runs on the cluster's masters."""
    return rendering.has(place, KEYSTONE_ADDON)


def token_webhook(place: Place) -> Webhook | None:
    """Give who is asked about tokens; an owner's own webhook takes Keystone's place."""
    if place.values[AUTHENTICATION_WEBHOOK_URL]:
        return Webhook(File(OWN_FILE, json.dumps(_own(place)), node_files.SECRET), OWN_VERSION)
    if runs_keystone(place):
        return Webhook(File(KEYSTONE_FILE, json.dumps(_reached_at(KEYSTONE_URL)), node_files.SECRET), KEYSTONE_VERSION)
    return None


def files(place: Place) -> tuple[File, ...]:
    """Give what the API server reads of who may do what."""
    webhook = token_webhook(place)
    authorization = node_files.skeleton("authorization")
    # Keystone's policy speaks of Keystone's users, and there are none where somebody else says who users are.
    if webhook is not None and webhook.file.path == KEYSTONE_FILE:
        authorization["authorizers"].append(node_files.skeleton("keystone-authorizer"))
    found = File(f"{FOLDER}/authorization.json", json.dumps(authorization))
    return (found,) if webhook is None else (found, webhook.file)


def _own(place: Place) -> Mapping[str, Any]:
    kubeconfig = _reached_at(place.values[AUTHENTICATION_WEBHOOK_URL])
    cluster = kubeconfig["clusters"][0]["cluster"]
    # Without an authority of its own the webhook's certificate is one that the image's system trusts.
    del cluster["certificate-authority"]
    authority = place.values[AUTHENTICATION_WEBHOOK_CA]
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority.encode()).decode()
    return kubeconfig


def _reached_at(url: str) -> dict[str, Any]:
    kubeconfig = node_files.skeleton("kubeconfig")
    kubeconfig["clusters"][0]["cluster"]["server"] = url
    return kubeconfig
