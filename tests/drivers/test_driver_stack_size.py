# SPDX-License-Identifier: Apache-2.0
"""A cluster that is too big for one stack is refused before there is one, by Heat's own count."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from magnum_lite import conf as configuration
from magnum_lite.drivers.base import Wish
from magnum_lite.drivers.k8s_fcos import all_labels, rendering, stack_size
from magnum_lite.drivers.registry import Registry
from magnum_lite.errors import InvalidField
from tests import pins
from tests.builders import a_cluster, a_template

WISH = Wish(flavor_id="m1.small", master_flavor_id="m1.small", external_network_id="public")


def size(wish: Wish) -> int:
    return stack_size.resources(stack_size.Shape.of(wish, all_labels.LABELS.parse(wish.labels)))


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"node_count": 2}, 5),
        ({"node_count": 2, "floating_ip_enabled": False}, 5 - 3),
        ({"floating_ip_enabled": False}, -2),
        ({"docker_volume_size": 5}, 4),
        ({"labels": {"boot_volume_size": "20"}}, 2),
        ({"labels": {"etcd_volume_size": "5"}}, 2),
        ({"fixed_network": "private", "fixed_subnet": "private-subnet"}, -4),
    ],
    ids=str,
)
def test_each_thing_asked_for_counts(change: dict[str, Any], more: int) -> None:
    assert size(dataclasses.replace(WISH, **change)) - size(WISH) == more


def test_the_message_says_how_many_workers_fit_and_that_many_do() -> None:
    conf = pins.configure(configuration.new([], []))
    conf.set_override("max_resources_per_stack", 100, group="heat")
    driver = Registry.from_conf(conf).get("k8s_fcos")

    with pytest.raises(InvalidField) as refused:
        driver.check(dataclasses.replace(WISH, node_count=50))
    message = str(refused.value)
    room = int(message.split(" workers fit")[0].rsplit(" ", 1)[1])

    assert "Invalid value 50 for node_count: Heat takes 100 resources in a stack" in message
    driver.check(dataclasses.replace(WISH, node_count=room))
    with pytest.raises(InvalidField):
        driver.check(dataclasses.replace(WISH, node_count=room + 1))


def test_without_a_limit_any_number_is_taken() -> None:
    conf = pins.configure(configuration.new([], []))
    conf.set_override("max_resources_per_stack", -1, group="heat")

    Registry.from_conf(conf).get("k8s_fcos").check(dataclasses.replace(WISH, node_count=250))


def test_a_nodegroup_is_a_stack_of_its_own_and_holds_more() -> None:
    conf = pins.configure(configuration.new([], []))
    conf.set_override("max_resources_per_stack", 100, group="heat")
    driver = Registry.from_conf(conf).get("k8s_fcos")
    group = dataclasses.replace(WISH, node_count=19, is_nodegroup=True)

    driver.check(group)
    with pytest.raises(InvalidField, match="19 workers fit"):
        driver.check(dataclasses.replace(group, node_count=20))
    with pytest.raises(InvalidField):
        driver.check(dataclasses.replace(group, is_nodegroup=False))


def test_a_resize_is_held_against_the_same_limit() -> None:
    conf = pins.configure(configuration.new([], []))
    conf.set_override("max_resources_per_stack", 100, group="heat")
    driver = Registry.from_conf(conf).get("k8s_fcos")
    cluster = a_cluster(template=a_template(master_lb_enabled=False, floating_ip_enabled=True))
    workers = cluster.default_workers
    with pytest.raises(InvalidField) as refused:
        driver.check_size(cluster, workers, 50)
    room = int(str(refused.value).split(" workers fit")[0].rsplit(" ", 1)[1])

    driver.check_size(cluster, workers, room)
    with pytest.raises(InvalidField):
        driver.check_size(cluster, workers, room + 1)


def test_the_templates_are_small_and_not_deeper_nested_than_heat_takes() -> None:
    """Heat's own limits are 512 KiB for a template and five stacks below each other."""
    trees = rendering.templates()

    def depth(name: str) -> int:
        resources = trees[name].get("resources", {})
        below = [str(one["type"]) for one in resources.values() if str(one["type"]) in trees]
        return 1 + max(map(depth, below), default=0)

    assert max(len(json.dumps(tree)) for tree in trees.values()) < 32 * 1024
    assert (depth(rendering.CLUSTER), depth(rendering.NODEGROUP)) == (3, 3)
