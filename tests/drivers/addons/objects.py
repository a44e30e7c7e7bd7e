# SPDX-License-Identifier: Apache-2.0
"""The objects of one addon, found by their kind and name."""

from __future__ import annotations

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


def pod(one: Addon) -> Mapping[str, Any]:
    """Give the specification of the pods of an addon that has one sort of them."""
    (item,) = (item for item in one.objects if "template" in item.get("spec", {}))
    specification: Mapping[str, Any] = item["spec"]["template"]["spec"]
    return specification


def container(one: Addon, name: str) -> Mapping[str, Any]:
    specification = pod(one)
    every = (*specification.get("initContainers", ()), *specification["containers"])
    return next(item for item in every if item["name"] == name)


def settings(one: Addon, name: str) -> dict[str, Any]:
    """Give what a file of the addon's ConfigMap says."""
    read: dict[str, Any] = json.loads(found(one, "ConfigMap")["data"][name])
    return read
