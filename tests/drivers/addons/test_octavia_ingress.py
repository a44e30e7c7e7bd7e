# SPDX-License-Identifier: Apache-2.0
"""The Octavia ingress controller: off unless asked for, and told where its load balancers belong."""

import dataclasses
import json

import pytest

from magnum_lite.drivers.base import CloudNetworks
from magnum_lite.drivers.k8s_fcos.addons.octavia_ingress import ADDON
from magnum_lite.errors import DocumentNotReady, InvalidLabel
from tests.drivers.addons import objects, rendered

ON = {"ingress_controller": "octavia"}


def octavia(networks: CloudNetworks, **labels: str) -> dict[str, object]:
    secrets = dataclasses.replace(rendered.secrets(), networks=networks)
    addon = ADDON.render(rendered.place({**ON, **labels}), secrets)
    found: dict[str, object] = json.loads(objects.secret(addon, "octavia-ingress-controller")["config.json"])["octavia"]
    return found


@pytest.mark.parametrize(("given", "wanted"), [("octavia", True), ("Octavia", True), ("", False)])
def test_its_label_switches_it(given: str, wanted: bool) -> None:
    assert ("octavia_ingress" in rendered.addons({"ingress_controller": given})) is wanted


def test_it_is_off_unless_asked_for() -> None:
    assert "octavia_ingress" not in rendered.addons()


def test_a_controller_that_is_not_built_is_refused() -> None:
    with pytest.raises(InvalidLabel, match=r"ingress_controller.*it takes octavia, or nothing"):
        rendered.addons({"ingress_controller": "nginx"})


def test_load_balancers_are_on_the_nodes_subnet_and_have_addresses_of_the_external_network() -> None:
    assert octavia(CloudNetworks("external", "subnet"), octavia_provider="amphora") == {
        "subnet-id": "subnet",
        "floating-network-id": "external",
        "provider": "amphora",
        "manage-security-groups": True,
    }


def test_a_cluster_without_an_external_network_has_load_balancers_of_its_own_network_alone() -> None:
    assert octavia(CloudNetworks(None, "subnet")) == {"subnet-id": "subnet", "manage-security-groups": True}


def test_it_waits_until_the_subnet_is_known() -> None:
    with pytest.raises(DocumentNotReady, match="the subnet of cluster k8s is not known yet"):
        octavia(CloudNetworks("external", None))
