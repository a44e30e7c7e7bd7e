# SPDX-License-Identifier: Apache-2.0
"""The Secret with which addons log in to the cloud: there where one needs it, and with what the labels say."""

import dataclasses

import pytest

from magnum_lite.drivers.k8s_fcos.addons import rendering
from magnum_lite.drivers.k8s_fcos.addons.cloud_config import ADDON
from magnum_lite.errors import DocumentNotReady
from tests.drivers.addons import gcfg, objects, rendered

OFF = {"cloud_provider_enabled": "false"}


def conf(labels: dict[str, str] | None = None) -> dict[str, dict[str, str]]:
    return gcfg.read(objects.secret(rendered.addons(labels)["cloud_config"], "cloud-config")["cloud.conf"])


def test_it_holds_the_login_of_the_clusters_own_user_and_the_clouds_ca() -> None:
    files = objects.secret(rendered.addons()["cloud_config"], "cloud-config")

    login = gcfg.read(files["cloud.conf"])["Global"]
    assert (login["user-id"], login["password"]) == (rendered.CLOUD.user_id, rendered.CLOUD.password)
    assert (login["ca-file"], files["ca.crt"]) == ("/etc/cloud/ca.crt", rendered.CLOUD.ca)


def test_load_balancers_of_services_are_like_that_of_the_api() -> None:
    labels = {"octavia_provider": "ovn", "octavia_lb_algorithm": "SOURCE_IP_PORT", "octavia_lb_healthcheck": "false"}

    assert conf(labels)["LoadBalancer"] == {
        "lb-provider": "ovn",
        "lb-method": "SOURCE_IP_PORT",
        "create-monitor": "false",
        "floating-network-id": rendered.secrets().networks.external,
    }


def test_a_provider_that_nobody_named_is_left_to_the_cloud() -> None:
    assert conf()["LoadBalancer"]["lb-provider"] == ""


def test_it_is_not_wanted_where_nothing_reads_it() -> None:
    template = {"volume_driver": None}

    assert "cloud_config" not in rendered.addons(OFF, template)
    assert "cloud_config" in rendered.addons(OFF)


def test_no_password_is_written_down_while_nothing_that_is_pinned_reads_it() -> None:
    place = rendered.place()
    bare = dataclasses.replace(place, release=dataclasses.replace(place.release, images={}))

    assert ADDON.render(bare, rendered.secrets()).objects == ()


def test_it_waits_until_the_cluster_has_a_user() -> None:
    unknown = dataclasses.replace(rendered.secrets(), cloud=None)

    with pytest.raises(DocumentNotReady, match="how cluster k8s reaches the cloud is not known yet"):
        rendering.render_addons(rendered.place(), unknown)
