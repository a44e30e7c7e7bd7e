# SPDX-License-Identifier: Apache-2.0
"""The cluster autoscaler: off unless asked for; it finds every nodegroup of workers and may only log in."""

import dataclasses

from magnum_lite.drivers.k8s_fcos.addons.autoscaler import ADDON
from magnum_lite.model import Nodegroup
from tests.drivers.addons import gcfg, objects, rendered

ON = {"auto_scaling_enabled": "true"}
NAME = "cluster-autoscaler"


def arguments(**labels: str) -> list[str]:
    addon = rendered.addons({**ON, **labels})["autoscaler"]
    return objects.arguments(addon, "Deployment", NAME, NAME)


def test_it_is_off_unless_its_label_is_on() -> None:
    assert "autoscaler" not in rendered.addons()
    assert "autoscaler" in rendered.addons(ON)


def test_it_knows_its_cluster_and_finds_its_workers_by_their_role() -> None:
    found = arguments()

    assert f"--cluster-name={rendered.place().cluster.uuid}" in found
    assert "--node-group-auto-discovery=magnum:role=worker" in found


def test_it_finds_nodegroups_of_other_roles_and_never_the_masters() -> None:
    place = rendered.place(ON)
    place.cluster.nodegroups.append(Nodegroup(role="gpu", name="gpus"))

    found = objects.arguments(ADDON.render(place, rendered.secrets()), "Deployment", NAME, NAME)
    assert "--node-group-auto-discovery=magnum:role=gpu,worker" in found


def test_labels_say_when_workers_are_given_back() -> None:
    found = arguments(auto_scaling_down_enabled="false", auto_scaling_unneeded_minutes="30")

    assert {"--scale-down-enabled=false", "--scale-down-unneeded-time=30m"} <= set(found)


def test_its_file_holds_what_it_knows_and_nothing_else_as_it_refuses_the_rest() -> None:
    text = objects.secret(rendered.addons(ON)["autoscaler"], NAME)["cloud.conf"]

    assert set(gcfg.read(text)) == {"Global"}
    assert gcfg.read(text)["Global"]["password"] == rendered.CLOUD.password


def test_another_password_starts_it_again() -> None:
    place, secrets = rendered.place(ON), rendered.secrets()
    changed = dataclasses.replace(secrets, cloud=dataclasses.replace(rendered.CLOUD, password="another"))

    marks = {objects.fingerprint(ADDON.render(place, one), "Deployment", NAME) for one in (secrets, changed)}
    assert len(marks) == 2
