# SPDX-License-Identifier: Apache-2.0
"""Looking into what an addon consists of."""

import base64
from collections.abc import Mapping
from typing import Any

from magnum_lite.nodeconf import Addon


def get(addon: Addon, kind: str, name: str) -> Mapping[str, Any]:
    """Give the one object of this kind and name."""
    (found,) = (one for one in addon.objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


def pod(addon: Addon, kind: str, name: str) -> Mapping[str, Any]:
    """Give what the pods of a Deployment or DaemonSet are like."""
    found: Mapping[str, Any] = get(addon, kind, name)["spec"]["template"]["spec"]
    return found


def arguments(addon: Addon, kind: str, name: str, container: str) -> list[str]:
    (found,) = (one for one in pod(addon, kind, name)["containers"] if one["name"] == container)
    return list(found["args"])


def fingerprint(addon: Addon, kind: str, name: str) -> str:
    """Give the annotation by which pods are replaced when their configuration changes."""
    template = get(addon, kind, name)["spec"]["template"]
    return str(template["metadata"]["annotations"]["magnum.openstack.org/config"])


def secret(addon: Addon, name: str) -> dict[str, str]:
    """Give a Secret's files as texts."""
    data = get(addon, "Secret", name)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}
