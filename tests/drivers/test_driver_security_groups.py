# SPDX-License-Identifier: Apache-2.0
"""Who reaches what: the security groups of a cluster, rule by rule, as Heat makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.drivers.k8s_fcos.rendering import STACK
from magnum_lite.heat import template
from magnum_lite.pocketcloud.heat import functions
from tests.drivers import clusters
from tests.drivers.pocket import LABELS, Pocket, build, remove

OPEN = {"0.0.0.0/0", "::/0", None}
SUBNET = "10.0.0.0/24"
PODS = "10.100.0.0/16"
GROUPS = {"node_group": "nodes", "master_group": "masters", "worker_group": "workers"}
FLANNEL = {"network_driver": "flannel"}

Rule = tuple[str, str, str, str]

# What every cluster needs: (group, protocol, ports, who).
TABLE: set[Rule] = {
    ("masters", "tcp", "2379-2380", "masters"),
    ("masters", "tcp", "10250", "masters"),
    ("masters", "tcp", "6443", SUBNET),
    ("workers", "tcp", "10250", "masters"),
    ("workers", "tcp", "30000-32767", SUBNET),
    ("workers", "udp", "30000-32767", SUBNET),
}
BGP: set[Rule] = {("nodes", "tcp", "179", "nodes")}
IPIP: set[Rule] = {("nodes", "4", "", "nodes")}
# Packets of pods are on the wire as they are; the ports of etcd stay closed all the same.
ROUTED: set[Rule] = {
    rule
    for who in ("nodes", PODS)
    for rule in (
        ("masters", "tcp", "1-2378", who),
        ("masters", "tcp", "2381-65535", who),
        ("masters", "udp", "1-65535", who),
        ("masters", "icmp", "", who),
        ("workers", "any", "", who),
    )
}
# At which ports of nodes addons have to be answered by default.
REACHED: set[Rule] = {
    ("nodes", "tcp", str(port), "nodes")
    for kind in ADDONS
    for port in kind.reaches
    if kind.is_wanted(clusters.a_setup())
}


class Surroundings:
    """What the rules ask the stack about: its parameters, its conditions and the names of its groups."""

    version = "2018-08-31"

    def __init__(self, root: Any, settings: Mapping[str, Any]) -> None:
        self._root = root
        self._settings = settings

    def parameter(self, name: str) -> Any:
        assert name == "settings"
        return self._settings

    def condition(self, name: str) -> bool:
        return functions.truth(self._root["conditions"][name], self)

    def reference(self, name: str) -> str:
        return name

    def attribute(self, name: str, attribute: str | None) -> Any:
        raise AssertionError(name)

    def file(self, name: str) -> str:
        raise AssertionError(name)


def rules(labels: Mapping[str, str], request: Mapping[str, Any] | None = None) -> set[Rule]:
    root: Any = template.load(STACK)["cluster.yaml"]
    cluster = clusters.a_cluster({"network_driver": "calico", **(request or {})}, labels=dict(labels))
    around = Surroundings(root, clusters.rendered(cluster).parameters["settings"])
    found = [
        (GROUPS[name], rule.get("protocol", "any"), _ports(rule), _who(name, rule))
        for name in GROUPS
        for rule in functions.resolve(root["resources"][name]["properties"]["rules"], around)
    ]
    # Neutron refuses a rule that is there already.
    assert len(found) == len(set(found))
    return set(found)


def _ports(rule: Mapping[str, Any]) -> str:
    least, most = rule.get("port_range_min"), rule.get("port_range_max")
    return str(least or "") if least == most else f"{least}-{most}"


def _who(name: str, rule: Mapping[str, Any]) -> str:
    if rule.get("remote_mode") != "remote_group_id":
        return str(rule["remote_ip_prefix"])
    return GROUPS[rule.get("remote_group_id", name)]


def test_by_default_nodes_tell_their_routes_and_route_packets_of_pods() -> None:
    assert rules({}) == TABLE | REACHED | BGP | ROUTED


@pytest.mark.parametrize(
    ("labels", "request_", "wanted"),
    [
        ({"calico_ipv4pool_ipip": "Never"}, {}, BGP | ROUTED),
        ({"calico_ipv4pool_ipip": "Always"}, {}, BGP | IPIP),
        ({"calico_ipv4pool_ipip": "CrossSubnet"}, {}, BGP | IPIP | ROUTED),
        ({"calico_ipv4pool_vxlan": "Always"}, {}, BGP | {("nodes", "udp", "4789", "nodes")}),
        ({"calico_ipv4pool_vxlan": "CrossSubnet"}, {}, BGP | ROUTED | {("nodes", "udp", "4789", "nodes")}),
        ({}, FLANNEL, {("nodes", "udp", "8472", "nodes")}),
        ({"flannel_backend": "host-gw"}, FLANNEL, ROUTED),
    ],
)
def test_nodes_send_one_another_what_the_network_of_pods_needs(
    labels: Mapping[str, str], request_: Mapping[str, Any], wanted: set[Rule]
) -> None:
    assert rules(labels, request_) == TABLE | REACHED | wanted


@pytest.mark.parametrize(
    ("labels", "ports"),
    [
        ({"metrics_server_enabled": "false", "monitoring_enabled": "false"}, set()),
        ({"metrics_server_enabled": "true", "monitoring_enabled": "false"}, {"10250"}),
        ({"metrics_server_enabled": "false", "monitoring_enabled": "true"}, {"10250", "9100"}),
    ],
)
def test_nodes_answer_at_the_ports_of_the_addons_that_are_there(labels: Mapping[str, str], ports: set[str]) -> None:
    assert {port for group, _, port, _ in rules(labels) if group == "nodes"} == {"179", *ports}


@pytest.mark.parametrize("group", ["masters", "nodes"])
def test_etcd_is_reached_by_masters_alone(group: str) -> None:
    ports = [
        (who, ports.partition("-"))
        for labels in ({}, {"calico_ipv4pool_ipip": "Always"})
        for name, protocol, ports, who in rules(labels)
        if name == group and protocol in {"tcp", "any"}
    ]
    reaching = {
        who for who, (least, _, most) in ports if int(least or 1) <= 2380 and int(most or least or 65535) >= 2379
    }

    assert reaching == ({"masters"} if group == "masters" else set())


@pytest.mark.parametrize(
    ("label", "added"),
    [
        ("master_lb_allowed_cidrs", {("masters", "tcp", "6443", "192.0.2.0/24")}),
        ("ssh_allowed_cidrs", {("nodes", "tcp", "22", "192.0.2.0/24")}),
        (
            "node_port_allowed_cidrs",
            {("workers", "tcp", "30000-32767", "192.0.2.0/24"), ("workers", "udp", "30000-32767", "192.0.2.0/24")},
        ),
    ],
)
def test_a_label_lets_in_just_what_it_says(label: str, added: set[Rule]) -> None:
    assert rules({label: "192.0.2.0/24"}) - rules({}) == added


@pytest.mark.parametrize("label", ["master_lb_allowed_cidrs", "ssh_allowed_cidrs", "node_port_allowed_cidrs"])
def test_a_network_that_is_named_twice_is_let_in_once(label: str) -> None:
    twice = f"{SUBNET},192.0.2.0/24,192.0.2.0/24"

    assert len(rules({label: twice})) == len(rules({label: f"{SUBNET},192.0.2.0/24"}))


def test_nothing_is_open_to_the_world_by_default() -> None:
    assert {who for _, _, _, who in rules({})} & OPEN == set()


def test_egress_stays_as_neutron_makes_it() -> None:
    root: Any = template.load(STACK)["cluster.yaml"]

    assert "egress" not in str([root["resources"][name] for name in GROUPS])


@pytest.mark.parametrize(
    ("labels", "pairs"),
    [({}, [PODS]), ({"calico_ipv4pool": "10.9.0.0/16"}, ["10.9.0.0/16"]), ({"calico_ipv4pool_ipip": "Always"}, [])],
)
def test_ports_may_send_what_pods_send_only_where_packets_of_pods_are_on_the_wire(
    pocket: Pocket, labels: Mapping[str, str], pairs: list[str]
) -> None:
    flavors = {"flavor_id": "m1.small", "master_flavor_id": "m1.small", "floating_ip_enabled": False}
    cluster = clusters.a_cluster(flavors, master_count=1, node_count=1, labels={**LABELS, **labels})

    build(pocket, cluster)

    ports = pocket.get("network", "/v2.0/ports")["ports"]
    of_nodes = [one for one in ports if one["name"] in {node.name for node in cluster.nodes}]
    assert [[pair["ip_address"] for pair in one["allowed_address_pairs"]] for one in of_nodes] == [pairs] * 2
    remove(pocket, cluster)


def test_neutron_takes_every_rule_and_masters_workers_and_others_have_their_groups(pocket: Pocket) -> None:
    flavors = {"flavor_id": "m1.small", "master_flavor_id": "m1.small", "floating_ip_enabled": False}
    cluster = clusters.a_cluster(flavors, master_count=1, node_count=1, labels=LABELS)

    build(pocket, cluster)

    made = pocket.get("network", "/v2.0/security-group-rules")["security_group_rules"]
    known = [(one["protocol"], one["port_range_min"], one["remote_ip_prefix"]) for one in made]
    assert ("tcp", 6443, clusters.SUBNET) in known
    assert (None, None, PODS) in known
    assert len([one for one in known if one[1] == 179]) == 1
    remove(pocket, cluster)
