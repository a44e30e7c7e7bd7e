# SPDX-License-Identifier: Apache-2.0
"""Whether a template can be built from: its driver, and the things in the cloud that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from magnum_lite.api.current import context, deps, warn
from magnum_lite.drivers.base import ClusterType, check_choices
from magnum_lite.errors import InvalidField

# What chooses the driver.
TYPE_FIELDS = {"image_id", "coe", "server_type", "driver"}
# What a driver may take only some words for.
CHOSEN = {"network_driver", "volume_driver"}


def check(values: Mapping[str, Any], *, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Check what changed and give the fields that follow from it: ``driver`` and ``cluster_distro``.

    Only what a request changes is looked up, so that a template can be renamed when its image has gone.
    """
    is_typed = bool(TYPE_FIELDS & changed.keys())
    derived = _driver(values, changed) if is_typed else {}
    driver = derived.get("driver", values["driver"])
    if is_typed or CHOSEN & changed.keys():
        # Another driver may not know a word that stays as it was.
        check_choices(deps().drivers.get(driver).choices, values)
    if "labels" in changed:
        check_labels(driver, changed["labels"])
        check_volume_types(driver, changed["labels"])
    clouds = deps().clouds
    for field in ("flavor_id", "master_flavor_id"):
        if changed.get(field) is not None:
            clouds.get_flavor(context(), changed[field], field)
    if changed.get("external_network_id") is not None:
        clouds.check_network(context(), changed["external_network_id"], "external_network_id", external=True)
    if changed.get("fixed_network") is not None:
        clouds.check_network(context(), changed["fixed_network"], "fixed_network", external=False)
    if changed.get("fixed_subnet") is not None:
        clouds.check_subnet(context(), changed["fixed_subnet"])
    return derived


def check_labels(driver_name: str, labels: Mapping[str, str]) -> list[str]:
    """Refuse bad labels and give a sentence for each that has no effect; they are sent as warnings too."""
    declared = deps().drivers.get(driver_name).labels
    declared.parse(labels)
    unknown = declared.unknown(labels)
    if unknown and deps().conf.labels.unknown == "refuse":
        one = unknown[0]
        raise InvalidField(f"label {one.name}", labels[one.name], one.sentence())
    for one in unknown:
        warn(one.sentence())
    return [one.sentence() for one in unknown]


def check_volume_types(driver_name: str, labels: Mapping[str, str]) -> None:
    """Look up the volume types that labels name: each once, however many labels name it."""
    wanted = deps().drivers.get(driver_name).labels.volume_types(labels)
    for name, label in {name: label for label, name in reversed(wanted.items())}.items():
        deps().clouds.check_volume_type(context(), name, f"label {label}")


def _driver(values: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    image = deps().clouds.get_image(context(), values["image_id"])
    if not image.os_distro:
        raise InvalidField("image_id", values["image_id"], "the image must have the property os_distro")
    cluster_type = ClusterType(values["server_type"], image.os_distro, values["coe"])
    wanted = values["driver"] if "driver" in changed else None
    driver = deps().drivers.find(wanted or image.magnum_driver, cluster_type)
    return {"driver": driver.name, "cluster_distro": image.os_distro}
