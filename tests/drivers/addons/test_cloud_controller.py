# SPDX-License-Identifier: Apache-2.0
"""The cloud controller: where it runs, what it may, and that it is started again with another login."""

import dataclasses

from magnum_lite.drivers.k8s_fcos.addons.cloud_controller import ADDON
from tests.drivers.addons import objects, rendered

NAME = "openstack-cloud-controller-manager"


def test_its_label_switches_it() -> None:
    assert "cloud_controller" in rendered.addons()
    assert "cloud_controller" not in rendered.addons({"cloud_provider_enabled": "false"})


def test_what_it_makes_in_the_cloud_carries_the_clusters_uuid() -> None:
    place = rendered.place()
    arguments = objects.arguments(ADDON.render(place, rendered.secrets()), "DaemonSet", NAME, NAME)

    assert f"--cluster-name={place.cluster.uuid}" in arguments


def test_it_runs_on_masters_that_nothing_else_may_run_on_yet() -> None:
    spec = objects.pod(rendered.addons()["cloud_controller"], "DaemonSet", NAME)

    assert spec["nodeSelector"] == {"node-role.kubernetes.io/control-plane": ""}
    assert {one["key"] for one in spec["tolerations"]} == {
        "node-role.kubernetes.io/control-plane",
        "node.cloudprovider.kubernetes.io/uninitialized",
        "node.kubernetes.io/not-ready",
    }


def test_it_reads_no_secret_and_acts_as_nobody_else() -> None:
    rules = objects.get(rendered.addons()["cloud_controller"], "ClusterRole", "system:cloud-controller-manager")[
        "rules"
    ]

    assert {name for rule in rules for name in rule["resources"]} == {
        "events",
        "nodes",
        "nodes/status",
        "services",
        "services/status",
    }
    assert "*" not in {verb for rule in rules for verb in rule["verbs"]}


def test_another_password_starts_it_again() -> None:
    place, secrets = rendered.place(), rendered.secrets()
    changed = dataclasses.replace(secrets, cloud=dataclasses.replace(rendered.CLOUD, password="another"))

    marks = {objects.fingerprint(ADDON.render(place, one), "DaemonSet", NAME) for one in (secrets, changed)}
    assert len(marks) == 2
