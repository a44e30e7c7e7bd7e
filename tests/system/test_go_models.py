# SPDX-License-Identifier: Apache-2.0
"""The models that answers are decoded with refuse what clients written in Go refuse."""

from __future__ import annotations

import pytest

from tests.system.go_models import Cluster, NodeGroup, decode

CLUSTER = {"uuid": "u", "name": "n"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("labels", {"a": 1}),
        ("labels", {"a": True}),
        ("labels", None),
        ("faults", {"a": None}),
        ("node_count", "2"),
        ("node_count", 2.0),
        ("node_count", True),
        ("created_at", "2026-01-01T00:00:00"),
        ("created_at", "2026-01-01 00:00:00+00:00"),
        ("created_at", 1),
        ("node_addresses", None),
        ("node_addresses", [None]),
        ("floating_ip_enabled", "true"),
        ("status", 1),
        ("health_status_reason", "{}"),
        ("links", [{"href": 1, "rel": "self"}]),
    ],
)
def test_a_value_of_another_kind_ends_the_call(field: str, value: object) -> None:
    with pytest.raises(AssertionError):
        decode(Cluster, {**CLUSTER, field: value})


def test_null_is_the_zero_of_its_kind_and_an_unknown_field_is_passed_over() -> None:
    found = decode(Cluster, {**CLUSTER, "create_timeout": None, "created_at": None, "tomorrow": [1]})

    assert (found.create_timeout, found.created_at, found.labels) == (0, None, {})


def test_a_maximum_may_be_missing_and_is_no_text() -> None:
    assert decode(NodeGroup, {**CLUSTER, "max_node_count": None}).max_node_count is None
    assert decode(NodeGroup, {**CLUSTER, "max_node_count": 3}).max_node_count == 3
    with pytest.raises(AssertionError):
        decode(NodeGroup, {**CLUSTER, "max_node_count": "3"})
