# SPDX-License-Identifier: Apache-2.0
"""Flannel as the network of pods: its addresses, its way from node to node, and what else follows it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.drivers.addons import rendered

FLANNEL = {"network_driver": "flannel"}


def items(**labels: str) -> dict[str, Any]:
    found = rendered.addons(labels, FLANNEL)["flannel"].objects
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in found}


def network(**labels: str) -> Any:
    return json.loads(items(**labels)["ConfigMap/flannel"]["data"]["net-conf.json"])


def pod(**labels: str) -> Any:
    return items(**labels)["DaemonSet/flannel"]["spec"]["template"]


def test_packets_are_put_into_vxlan_unless_said() -> None:
    assert network() == {"Network": "10.100.0.0/16", "Backend": {"Type": "vxlan", "Port": 8472}}


def test_packets_are_routed_where_that_is_asked_for() -> None:
    assert network(flannel_backend="host-gw")["Backend"] == {"Type": "host-gw"}


def test_pods_have_the_addresses_that_are_asked_for() -> None:
    assert network(flannel_network_cidr="10.9.0.0/16")["Network"] == "10.9.0.0/16"


def test_runtimes_are_told_of_a_network_whose_plugins_are_there() -> None:
    told = json.loads(items()["ConfigMap/flannel"]["data"]["cni-conf.json"])

    assert [one["type"] for one in told["plugins"]] == ["flannel", "portmap"]


def test_a_change_of_the_network_starts_the_pods_anew() -> None:
    name = "magnum.openstack.org/config"

    assert pod()["metadata"]["annotations"][name] != pod(flannel_backend="host-gw")["metadata"]["annotations"][name]


def test_it_runs_on_every_node_before_the_node_is_ready() -> None:
    assert pod()["spec"]["tolerations"] == [{"operator": "Exists"}]
    assert pod()["spec"]["hostNetwork"] is True


def test_it_may_write_to_folders_of_the_node_under_selinux() -> None:
    assert pod()["spec"]["securityContext"]["seLinuxOptions"] == {"type": "spc_t"}


@pytest.mark.parametrize(("labels", "prefix"), [({}, "24"), ({"flannel_network_subnetlen": "26"}, "26")])
def test_the_controller_manager_gives_each_node_its_part(labels: dict[str, str], prefix: str) -> None:
    document = rendered.document(rendered.place({**labels, "flannel_network_cidr": "10.9.0.0/16"}, FLANNEL))
    told = next(one.content for one in document.files if one.path == "/etc/magnum-lite/env/kube-controller-manager")

    assert 'PODS="10.9.0.0/16"' in told
    assert 'ALLOCATE_NODE_CIDRS="true"' in told
    assert f'NODE_PREFIX="{prefix}"' in told


def test_kube_proxy_knows_the_addresses_of_pods() -> None:
    document = rendered.document(rendered.place({"flannel_network_cidr": "10.9.0.0/16"}, FLANNEL))
    told = next(one.content for one in document.files if one.path == "/etc/kubernetes/kube-proxy.json")

    assert json.loads(told)["clusterCIDR"] == "10.9.0.0/16"


def test_another_network_driver_has_no_flannel() -> None:
    assert "flannel" not in rendered.addons(template={"network_driver": "calico"})
