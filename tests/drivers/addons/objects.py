# SPDX-License-Identifier: Apache-2.0
"""Looking into what an addon consists of: its objects, its pods, its files."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from magnum_lite.nodeconf import Addon
from tests.drivers.addons import rendered


def addon(name: str, labels: Mapping[str, str] | None = None, **others: Any) -> Addon:
    """Give an addon as clusters with these labels have it."""
    return rendered.addons(labels, **others)[name]


def found(one: Addon, kind: str, name: str | None = None) -> Mapping[str, Any]:
    """Give the object of this kind and name; without a name the only one of its kind."""
    (item,) = (
        item for item in one.objects if item["kind"] == kind and (name is None or item["metadata"]["name"] == name)
    )
    return item


def get(one: Addon, kind: str, name: str) -> Mapping[str, Any]:
    """Give the one object of this kind and name."""
    return found(one, kind, name)


def pod(one: Addon, kind: str | None = None, name: str | None = None) -> Mapping[str, Any]:
    """Give what the pods of a Deployment or DaemonSet are like; of the only one where none is named."""
    (item,) = (
        item
        for item in one.objects
        if "template" in item.get("spec", {})
        and (kind is None or (item["kind"], item["metadata"]["name"]) == (kind, name))
    )
    specification: Mapping[str, Any] = item["spec"]["template"]["spec"]
    return specification


def container(one: Addon, name: str) -> Mapping[str, Any]:
    specification = pod(one)
    every = (*specification.get("initContainers", ()), *specification["containers"])
    return next(item for item in every if item["name"] == name)


def arguments(one: Addon, kind: str, name: str, container: str) -> list[str]:
    (item,) = (item for item in pod(one, kind, name)["containers"] if item["name"] == container)
    return list(item["args"])


def fingerprint(one: Addon, kind: str, name: str) -> str:
    """Give the annotation by which pods are replaced when their configuration changes."""
    template = get(one, kind, name)["spec"]["template"]
    return str(template["metadata"]["annotations"]["magnum.openstack.org/config"])


def secret(one: Addon, name: str) -> dict[str, str]:
    """Give a Secret's files as texts."""
    data = get(one, "Secret", name)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def settings(one: Addon, name: str) -> dict[str, Any]:
    """Give what a file of the addon's ConfigMap says."""
    read: dict[str, Any] = json.loads(found(one, "ConfigMap")["data"][name])
    return read
