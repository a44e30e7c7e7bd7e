# SPDX-License-Identifier: Apache-2.0
"""What may be wanted of the nodes of a group."""

from typing import Any

import pytest

from magnum_lite.errors import InvalidNodegroup
from magnum_lite.model.node_wishes import check_counts, check_marks


@pytest.mark.parametrize(("count", "least", "most"), [(0, 0, None), (3, 0, 3), (3, 3, 3), (5000, 1, None)])
def test_numbers_that_go_together_are_taken(count: int, least: int, most: int | None) -> None:
    check_counts("more", count=count, least=least, most=most)


@pytest.mark.parametrize(
    ("count", "least", "most", "said"),
    [
        (1, 3, 2, "min_node_count 3 of nodegroup more is above its max_node_count 2"),
        (1, 2, None, "node_count 1 of nodegroup more is below its min_node_count 2"),
        (4, 0, 3, "node_count 4 of nodegroup more is above its max_node_count 3"),
    ],
)
def test_numbers_that_do_not_are_refused(count: int, least: int, most: int | None, said: str) -> None:
    with pytest.raises(InvalidNodegroup, match=said):
        check_counts("more", count=count, least=least, most=most)


LABELS = (
    {"disk": "ssd"},
    {"example.com/disk": ""},
    {"node.kubernetes.io/disk": "ssd"},
    {"foo.node.kubernetes.io/disk": "ssd"},
    {"kubelet.kubernetes.io/x": "1"},
    {"topology.kubernetes.io/zone": "a"},
    {"notkubernetes.io/x": "1"},
)


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_labels_that_a_kubelet_may_set_are_taken(labels: dict[str, str]) -> None:
    check_marks("more", "worker", labels, [])


BAD_LABELS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"node-role.kubernetes.io/control-plane": ""}, "Kubernetes' own"),
    ({"k8s.io/x": "1"}, "Kubernetes' own"),
    ({"foo.k8s.io/x": "1"}, "Kubernetes' own"),
    ({"": "1"}, "Key"),
    ({"/x": "1"}, "Key"),
    ({"a/b/c": "1"}, "Key"),
    ({"UPPER.example/x": "1"}, "Key"),
    ({"x" * 64: "1"}, "Key"),
    ({f"{'a' * 254}/x": "1"}, "Key"),
    ({"disk": "a b"}, "label disk"),
    ({"disk": "x" * 64}, "label disk"),
    ({"disk": "-x"}, "label disk"),
)


@pytest.mark.parametrize(("labels", "said"), BAD_LABELS, ids=[str(row[0])[:40] for row in BAD_LABELS])
def test_other_labels_are_refused_by_name(labels: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidNodegroup, match=said):
        check_marks("more", "worker", labels, [])


def test_taints_are_taken_with_a_value_and_without() -> None:
    check_marks("more", "worker", {}, [{"key": "gpu", "effect": "NoSchedule"}])
    check_marks("more", "worker", {}, [{"key": "example.com/gpu", "value": "yes", "effect": "NoExecute"}])


BAD_TAINTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"effect": "NoSchedule"}, "Key None"),
    ({"key": 7, "effect": "NoSchedule"}, "Key 7"),
    ({"key": "gpu"}, "Effect None"),
    ({"key": "gpu", "effect": "noschedule"}, "PreferNoSchedule"),
    ({"key": "gpu", "effect": ["NoSchedule"]}, "NoSchedule"),
    ({"key": "gpu", "effect": "NoSchedule", "value": "a b"}, "taint gpu"),
    ({"key": "gpu", "effect": "NoSchedule", "value": 7}, "taint gpu"),
    ({"key": "gpu", "effect": "NoSchedule", "timeAdded": "now"}, "Unknown timeAdded"),
)


@pytest.mark.parametrize(("taint", "said"), BAD_TAINTS, ids=[str(row[0])[:60] for row in BAD_TAINTS])
def test_other_taints_are_refused(taint: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidNodegroup, match=said):
        check_marks("more", "worker", {}, [taint])


def test_masters_take_neither() -> None:
    for labels, taints in (({"disk": "ssd"}, []), ({}, [{"key": "gpu", "effect": "NoSchedule"}])):
        with pytest.raises(InvalidNodegroup, match="masters"):
            check_marks("default-master", "master", labels, taints)
