# SPDX-License-Identifier: Apache-2.0
"""The auto-healer: off unless asked for, and told of its cluster, its login and its patience."""

import dataclasses
import json
from typing import Any

import pytest

from magnum_lite.drivers.k8s_fcos.addons.auto_healer import ADDON
from magnum_lite.errors import InvalidLabel
from tests.drivers.addons import objects, rendered

ON = {"auto_healing_enabled": "true"}


def config(**labels: str) -> dict[str, Any]:
    addon = rendered.addons({**ON, **labels})["auto_healer"]
    found: dict[str, Any] = json.loads(objects.secret(addon, "magnum-auto-healer")["config.json"])
    return found


def test_it_is_off_unless_its_label_is_on() -> None:
    assert "auto_healer" not in rendered.addons()
    assert "auto_healer" in rendered.addons(ON)


def test_it_knows_its_cluster_and_logs_in_as_the_clusters_own_user() -> None:
    found = config()

    assert found["cluster-name"] == rendered.place().cluster.uuid
    assert found["openstack"]["user-id"] == rendered.CLOUD.user_id
    assert found["openstack"]["password"] == rendered.CLOUD.password


def test_a_label_says_how_long_a_node_may_be_unhealthy() -> None:
    found = config(auto_healing_unhealthy_seconds="600")["healthcheck"]

    assert {one["params"]["unhealthy-duration"] for one in found["master"] + found["worker"]} == {"600s"}


def test_a_healer_that_is_not_built_is_refused() -> None:
    with pytest.raises(InvalidLabel, match="it takes one of magnum-auto-healer"):
        config(auto_healing_controller="draino")


def test_another_password_starts_it_again() -> None:
    place, secrets = rendered.place(ON), rendered.secrets()
    changed = dataclasses.replace(secrets, cloud=dataclasses.replace(rendered.CLOUD, password="another"))

    marks = {
        objects.fingerprint(ADDON.render(place, one), "DaemonSet", "magnum-auto-healer") for one in (secrets, changed)
    }
    assert len(marks) == 2
