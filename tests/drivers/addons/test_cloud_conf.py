# SPDX-License-Identifier: Apache-2.0
"""Files that tell addons how to reach the cloud: whatever a value is, just that value is read back."""

import dataclasses

import pytest

from magnum_lite.drivers.k8s_fcos.addons import cloud_conf
from magnum_lite.errors import ConfigurationError
from tests.drivers.addons import gcfg
from tests.drivers.addons.rendered import CLOUD

HOSTILE = [
    "",
    " padded ",
    'a "quoted" word',
    "back\\slash",
    "ends with a backslash\\",
    '\\"',
    "# no comment; neither",
    "two\nlines\n[Global]\nauth-url = http://attacker.example",
    '"\nca-file = "/tmp/x',
    "a\ttab",
    "$(reboot) `reboot` ${HOME} %s {x}",
    "äöü 漢字",
    "= [x]",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_read_back_as_it_was(value: str) -> None:
    text = cloud_conf.render({"Global": {"password": value, "region": "after"}})

    assert gcfg.read(text) == {"Global": {"password": value, "region": "after"}}


@pytest.mark.parametrize("value", ["a\0b", "a\rb", "\x1b[0m", "\x7f"])
def test_a_control_character_is_refused_with_the_name_of_its_setting_and_not_its_value(value: str) -> None:
    with pytest.raises(ConfigurationError, match="password of the cloud has a control character") as caught:
        cloud_conf.render({"Global": {"password": value}})

    assert value not in str(caught.value)


def test_booleans_and_numbers_are_written_bare() -> None:
    text = cloud_conf.render({"LoadBalancer": {"create-monitor": True, "enabled": False, "monitor-delay": 5}})

    assert gcfg.read(text) == {"LoadBalancer": {"create-monitor": "true", "enabled": "false", "monitor-delay": "5"}}


def test_a_cluster_logs_in_to_its_project_as_its_own_user() -> None:
    cloud = dataclasses.replace(CLOUD, trust_id=None)

    assert cloud_conf.login(cloud) == {
        "auth-url": "https://keystone.example/v3",
        "user-id": "PLACEHOLDER-user",
        "password": CLOUD.password,
        "tenant-id": "PLACEHOLDER-project",
        "region": "Region One",
        "ca-file": "/etc/cloud/ca.crt",
    }
    assert cloud_conf.openstack(cloud)["project-id"] == "PLACEHOLDER-project"


def test_a_trust_stands_in_for_the_project() -> None:
    found = cloud_conf.login(CLOUD)

    assert (found["trust-id"], "tenant-id" in found) == ("PLACEHOLDER-trust", False)


def test_what_the_cloud_does_not_have_is_not_written() -> None:
    cloud = dataclasses.replace(CLOUD, region=None, ca=None)

    assert {"region", "ca-file"} & cloud_conf.login(cloud).keys() == set()
    assert set(cloud_conf.data({"cloud.conf": ""}, cloud)) == {"cloud.conf"}


def test_a_digest_changes_with_every_file() -> None:
    known = {"cloud.conf": "a", "ca.crt": "b"}

    assert cloud_conf.digest(known) == cloud_conf.digest(dict(reversed(known.items())))
    assert len({cloud_conf.digest(one) for one in (known, {**known, "ca.crt": "c"}, {"cloud.conf": "a"})}) == 3
