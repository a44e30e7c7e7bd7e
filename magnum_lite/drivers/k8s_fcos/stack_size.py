# SPDX-License-Identifier: Apache-2.0
"""How many resources Heat counts for a cluster's stack, before there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from magnum_lite.drivers.base import Wish
from magnum_lite.drivers.k8s_fcos import labels
from magnum_lite.drivers.k8s_fcos.rendering import CLUSTER, NODEGROUP, WORKER, WORKERS, templates
from magnum_lite.errors import InvalidField
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import LabelValues
from magnum_lite.model.nodegroup import Nodegroup

NO_LIMIT = -1
LOAD_BALANCER = "load_balancer.yaml"

Tree = Mapping[str, object]


@dataclass(frozen=True)
class Shape:
    """What of a wish changes how many resources there are."""

    masters: int
    workers: int
    has_load_balancer: bool
    has_floating_address: bool
    has_floating_load_balancer: bool
    has_health_check: bool
    boots_from_volume: bool
    has_container_volume: bool
    has_etcd_volume: bool
    is_new: bool

    @classmethod
    def of(cls, wish: Wish, values: LabelValues) -> Shape:
        floating = values[labels.MASTER_LB_FLOATING_IP_ENABLED]
        return cls(
            masters=wish.master_count,
            workers=wish.node_count,
            has_load_balancer=wish.master_lb_enabled,
            has_floating_address=wish.floating_ip_enabled,
            has_floating_load_balancer=wish.floating_ip_enabled if floating is None else floating,
            has_health_check=values[labels.OCTAVIA_LB_HEALTHCHECK],
            boots_from_volume=values[labels.BOOT_VOLUME_SIZE] > 0,
            has_container_volume=bool(wish.docker_volume_size),
            has_etcd_volume=values[labels.ETCD_VOLUME_SIZE] > 0,
            is_new=not wish.fixed_network,
        )


def resources(shape: Shape, template: str = CLUSTER) -> int:
    """Count the resources of a whole stack, those that are stacks and what is in these, as Heat does."""
    return _count(template, shape)


def wish_of(cluster: Cluster, group: Nodegroup, count: int) -> Wish:
    """Give what a nodegroup of a cluster would be wished as, had it so many nodes."""
    return Wish(
        master_count=len(cluster.masters),
        node_count=count,
        labels=group.labels,
        master_lb_enabled=cluster.master_lb_enabled,
        floating_ip_enabled=cluster.floating_ip_enabled,
        fixed_network=cluster.fixed_network,
        docker_volume_size=group.docker_volume_size,
        is_nodegroup=not group.is_default,
    )


def check(wish: Wish, values: LabelValues, most: int) -> None:
    """Raise ``InvalidField`` for more workers than a stack of ``most`` resources holds; ``-1`` is no limit."""
    shape = Shape.of(wish, values)
    found = resources(shape, NODEGROUP if wish.is_nodegroup else CLUSTER)
    if most == NO_LIMIT or found <= most:
        return
    each = 1 + _count(WORKER, shape)
    room = max(0, shape.workers - -(-(found - most) // each))
    raise InvalidField(
        "node_count",
        wish.node_count,
        f"Heat takes {most} resources in a stack, and this one has {found}, {each} for each worker: "
        f"{room} workers fit, and more can be put into further nodegroups",
    )


def _count(name: str, shape: Shape) -> int:
    tree = cast("Mapping[str, Tree]", cast(Tree, templates()[name])["resources"])
    return sum(
        _members(name, key, shape) * (1 + _nested(str(one["type"]), shape))
        for key, one in tree.items()
        if _holds(name, one.get("condition"), shape)
    )


def _nested(kind: str, shape: Shape) -> int:
    return _count(kind, shape) if kind in templates() else 0


def _members(name: str, key: str, shape: Shape) -> int:
    """Say how many resources a name in a template stands for."""
    of_index = shape.workers if name == WORKERS else shape.masters
    return {"$first": min(1, shape.masters), "$other": max(0, shape.masters - 1), "$index": of_index}.get(key, 1)


def _holds(name: str, condition: object, shape: Shape) -> bool:
    """Say whether a condition of a template holds: those of one name mean the same in all but the load balancer's."""
    if (name, condition) == (LOAD_BALANCER, "has_floating_address"):
        return shape.has_floating_load_balancer
    return condition is None or bool(getattr(shape, str(condition)))
