# SPDX-License-Identifier: Apache-2.0
"""What a node's document wants to know of the cloud: one master's, and no more than its addons need."""

import dataclasses

import pytest

from magnum_lite.drivers.base import CloudNeeds
from magnum_lite.drivers.k8s_fcos import cloud_needs
from magnum_lite.drivers.k8s_fcos.place import Place
from tests.drivers.addons import rendered

OFF = {"cloud_provider_enabled": "false", "cinder_csi_enabled": "false", "keystone_auth_enabled": "false"}
NOTHING = CloudNeeds()


def needs(place: Place) -> CloudNeeds:
    return cloud_needs.of(place)


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ({}, NOTHING),
        ({"keystone_auth_enabled": "true"}, CloudNeeds(cloud=True)),
        ({"auto_healing_enabled": "true"}, CloudNeeds(cloud=True)),
        ({"auto_scaling_enabled": "true"}, CloudNeeds(cloud=True)),
        ({"cloud_provider_enabled": "true"}, CloudNeeds(cloud=True, networks=True)),
        ({"ingress_controller": "octavia"}, CloudNeeds(cloud=True, networks=True)),
        ({"cinder_csi_enabled": "true"}, CloudNeeds(cloud=True, networks=True, volume_types=True)),
    ],
    ids=str,
)
def test_the_first_master_needs_what_its_addons_do(on: dict[str, str], wanted: CloudNeeds) -> None:
    assert needs(rendered.place({**OFF, **on})) == wanted


def test_no_other_node_needs_anything() -> None:
    place = rendered.place()
    others = [node for node in place.cluster.nodes if node is not place.node]

    assert [needs(dataclasses.replace(place, node=node)) for node in others] == [NOTHING] * 5


def test_an_addon_that_is_not_pinned_needs_nothing() -> None:
    place = rendered.place()

    assert needs(dataclasses.replace(place, release=dataclasses.replace(place.release, images={}))) == NOTHING


def test_needs_are_true_where_there_is_one() -> None:
    assert [bool(one) for one in (NOTHING, CloudNeeds(networks=True))] == [False, True]
