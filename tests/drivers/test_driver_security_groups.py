# SPDX-License-Identifier: Apache-2.0
"""Who reaches what: the security groups of a cluster, rule by rule, as Heat would make them."""

from collections.abc import Mapping
from typing import Any

import pytest

from magnum_lite.drivers.k8s_fcos.rendering import STACK
from magnum_lite.heat import template
from tests.drivers import clusters

OPEN = {"0.0.0.0/0", "::/0", None}
SUBNET = "10.0.0.0/24"
GROUPS = {"node_group": "nodes", "master_group": "masters", "worker_group": "workers"}

# By default: (group, protocol, ports, who).
TABLE = {
    ("nodes", "tcp", "179", "nodes"),
    ("nodes", "4", "", "nodes"),
    ("nodes", "udp", "4789", "nodes"),
    ("masters", "tcp", "2379-2380", "masters"),
    ("masters", "tcp", "10250", "masters"),
    ("masters", "tcp", "6443", SUBNET),
    ("workers", "tcp", "10250", "masters"),
}


def rules(labels: Mapping[str, str]) -> set[tuple[str, str, str, str]]:
    root: Any = template.load(STACK)["cluster.yaml"]
    settings: Any = clusters.rendered(clusters.a_cluster(labels=dict(labels))).parameters["settings"]
    return {
        (GROUPS[name], rule["protocol"], _ports(rule), _who(name, rule))
        for name in GROUPS
        for rule in _worked_out(root["resources"][name]["properties"]["rules"]["list_concat"], settings)
    }


def _worked_out(parts: list[Any], settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Work out the few functions that these rules use: plain lists, and ``repeat`` over a setting."""
    plain, repeated = parts
    variables = repeated["repeat"]["for_each"]
    cidrs = settings[variables["$cidr"]["get_param"][1]]
    return plain + [
        {**repeated["repeat"]["template"], "remote_ip_prefix": cidr, "protocol": protocol}
        for cidr in cidrs
        for protocol in variables.get("$protocol", [repeated["repeat"]["template"]["protocol"]])
    ]


def _ports(rule: Mapping[str, Any]) -> str:
    least, most = rule.get("port_range_min"), rule.get("port_range_max")
    return str(least or "") if least == most else f"{least}-{most}"


def _who(name: str, rule: Mapping[str, Any]) -> str:
    if rule.get("remote_mode") != "remote_group_id":
        return str(rule["remote_ip_prefix"])
    return GROUPS[rule.get("remote_group_id", {"get_resource": name})["get_resource"]]


def test_by_default_only_the_cluster_itself_is_let_in() -> None:
    assert rules({}) == TABLE


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
def test_a_label_lets_in_just_what_it_says(label: str, added: set[tuple[str, str, str, str]]) -> None:
    assert rules({label: "192.0.2.0/24"}) - TABLE == added


def test_nothing_is_open_to_the_world_by_default() -> None:
    assert {who for _, _, _, who in rules({})} & OPEN == set()


def test_egress_stays_as_neutron_makes_it() -> None:
    root: Any = template.load(STACK)["cluster.yaml"]

    assert "egress" not in str([root["resources"][name] for name in GROUPS])
