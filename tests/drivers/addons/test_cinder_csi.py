# SPDX-License-Identifier: Apache-2.0
"""Cinder's driver: storage classes from the cloud's volume types, and a password on masters alone."""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from magnum_lite.drivers.k8s_fcos.addons.cinder_csi import ADDON
from magnum_lite.nodeconf import Addon
from tests.drivers.addons import objects, rendered

CONTROLLER = ("Deployment", "csi-cinder-controllerplugin")
NODES = ("DaemonSet", "csi-cinder-nodeplugin")
DNS = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
DEFAULT = "storageclass.kubernetes.io/is-default-class"


def driver(labels: Mapping[str, str] | None = None, types: Sequence[str] = ("fast",)) -> Addon:
    secrets = dataclasses.replace(rendered.secrets(), volume_types=tuple(types))
    return ADDON.render(rendered.place(labels), secrets)


def classes(addon: Addon) -> dict[str, Mapping[str, Any]]:
    return {one["metadata"]["name"]: one for one in addon.objects if one["kind"] == "StorageClass"}


def default_of(addon: Addon) -> list[str]:
    return [name for name, one in classes(addon).items() if one["metadata"]["annotations"][DEFAULT] == "true"]


@pytest.mark.parametrize(
    ("labels", "volume_driver", "wanted"),
    [({}, "cinder", True), ({}, None, False), ({"cinder_csi_enabled": "false"}, "cinder", False)],
)
def test_it_is_there_where_the_template_has_volumes_of_cinder(
    labels: dict[str, str], volume_driver: str | None, wanted: bool
) -> None:
    assert ("cinder_csi" in rendered.addons(labels, {"volume_driver": volume_driver})) is wanted


def test_every_volume_type_has_a_storage_class() -> None:
    found = classes(driver(types=("fast", "slow")))

    assert {name: one["parameters"].get("type") for name, one in found.items()} == {
        "cinder": None,
        "fast": "fast",
        "slow": "slow",
    }
    assert {one["volumeBindingMode"] for one in found.values()} == {"WaitForFirstConsumer"}
    assert all(one["allowVolumeExpansion"] for one in found.values())


def test_names_that_kubernetes_does_not_take_become_such_that_it_does() -> None:
    types = ["Slow & Cheap", "slow cheap", "slow-cheap", "cinder", "ÄÖ", "x" * 255, "_"]
    found = classes(driver(types=types))

    assert {one["parameters"].get("type") for one in found.values()} == {None, *types}
    assert [name for name in found if not DNS.fullmatch(name)] == []


def test_a_volume_type_keeps_the_name_of_its_class_whatever_others_there_are() -> None:
    alone, among = (set(classes(driver(types=types))) for types in (["Slow & Cheap"], ["Slow & Cheap", "slow cheap"]))

    assert alone < among


def test_a_cluster_has_a_default_class_before_a_volume_type_is_known() -> None:
    assert (list(classes(driver(types=()))), default_of(driver(types=()))) == (["cinder"], ["cinder"])


def test_a_label_chooses_the_default() -> None:
    labels = {"cinder_csi_default_volume_type": "fast"}

    assert default_of(driver(labels, ("slow", "fast"))) == ["fast"]
    assert default_of(driver(labels, ())) == ["fast"]


def test_cinders_stand_in_for_no_type_has_no_class() -> None:
    assert list(classes(driver(types=("__DEFAULT__",)))) == ["cinder"]


def test_there_is_a_bound_to_the_number_of_classes() -> None:
    assert len(classes(driver(types=[f"type-{number}" for number in range(500)]))) == 101


def test_labels_choose_the_file_system_and_the_zones() -> None:
    found = driver({"cinder_csi_fstype": "xfs", "cinder_csi_topology_enabled": "false"})

    assert classes(found)["fast"]["parameters"]["csi.storage.k8s.io/fstype"] == "xfs"
    for kind, name in (CONTROLLER, NODES):
        assert "--with-topology=false" in objects.arguments(found, kind, name, "cinder-csi-plugin")


def test_only_masters_log_in_to_the_cloud() -> None:
    found = driver()

    assert objects.pod(found, *CONTROLLER)["nodeSelector"] == {"node-role.kubernetes.io/control-plane": ""}
    assert "cloud-config" in json.dumps(objects.pod(found, *CONTROLLER))
    on_nodes = json.dumps([objects.pod(found, *NODES), objects.get(found, "ConfigMap", "csi-cinder-node")])
    assert [word for word in ("secret", rendered.CLOUD.user_id) if word in on_nodes] == []


def test_one_master_has_one_controller_and_several_have_two() -> None:
    place = rendered.place()
    alone = dataclasses.replace(place, cluster=rendered.clusters.a_built_cluster(master_count=1))

    counts = [
        objects.get(ADDON.render(one, rendered.secrets()), *CONTROLLER)["spec"]["replicas"] for one in (alone, place)
    ]
    assert counts == [1, 2]
