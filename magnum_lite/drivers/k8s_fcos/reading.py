# SPDX-License-Identifier: Apache-2.0
"""What stacks' statuses and outputs say of a cluster."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from magnum_lite.drivers.base import InfrastructureStatus, NodeObservation, Observation, StackReading, Stacks
from magnum_lite.drivers.k8s_fcos import addresses
from magnum_lite.drivers.k8s_fcos.parameters import default_workers
from magnum_lite.heat import diagnosis
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.node import Node

STATES = {
    "IN_PROGRESS": InfrastructureStatus.BUILDING,
    "COMPLETE": InfrastructureStatus.COMPLETE,
    "FAILED": InfrastructureStatus.FAILED,
}
# Of several stacks the one that says most of the whole: it is not over before each has come to its end.
ORDER = (
    InfrastructureStatus.BUILDING,
    InfrastructureStatus.REMOVING,
    InfrastructureStatus.FAILED,
    InfrastructureStatus.COMPLETE,
)
# It has the addresses of pods too, none where no packet between nodes carries them.
PLACE = ("network", "subnet", "security_groups")


def observation(cluster: Cluster, reading: StackReading | None) -> Observation:
    """Read a cluster's own stack; what it does not know yet is left out."""
    if reading is None:
        return Observation(InfrastructureStatus.ABSENT)
    return Observation(
        status=_status(reading),
        reason=reading.reason,
        stack_id=reading.stack_id,
        api_address=_url(reading.outputs.get("api_address")),
        internal_api_address=_url(reading.outputs.get("internal_api_address")),
        nodes={**_masters(cluster, reading.outputs), **_workers(default_workers(cluster), reading.outputs)},
        action=reading.action,
    )


def of_group(group_uuid: str, nodes: Sequence[Node], reading: StackReading | None) -> Observation:
    """Read the stack of a further nodegroup; it says nothing of the cluster's own."""
    if reading is None:
        return Observation(InfrastructureStatus.ABSENT)
    return Observation(
        status=_status(reading),
        reason=reading.reason,
        nodes=_workers(nodes, reading.outputs),
        group_stacks={group_uuid: reading.stack_id},
    )


def place(reading: StackReading) -> Mapping[str, object] | None:
    """Give where a cluster's workers are, for other stacks to have theirs there too; ``None`` while it is unknown."""
    found = _map(reading.outputs.get("worker_place"))
    return found if all(found.get(name) for name in PLACE) else None


def explained(observed: Observation, name: str, stacks: Stacks) -> Observation:
    """Say what failed and why, where Heat says only that something did."""
    if observed.status is not InfrastructureStatus.FAILED:
        return observed
    reason = stacks.diagnose(name)
    return dataclasses.replace(
        observed, reason=f"stack {name} failed: {reason}", is_passing=diagnosis.is_passing(reason)
    )


def merged(own: Observation, others: Sequence[Observation]) -> Observation:
    """Give what the cluster's own stack and those of its further nodegroups say together."""
    parts = [own, *others]
    status = min((part.status for part in parts), key=ORDER.index)
    return dataclasses.replace(
        own,
        status=status,
        reason="; ".join(part.reason for part in parts if part.status is status and part.reason),
        nodes={uuid: node for part in parts for uuid, node in part.nodes.items()},
        group_stacks={uuid: stack for part in parts for uuid, stack in part.group_stacks.items()},
        is_passing=all(part.is_passing for part in parts if part.status is InfrastructureStatus.FAILED),
    )


def _status(reading: StackReading) -> InfrastructureStatus:
    is_removing = (reading.action, reading.state) == ("DELETE", "IN_PROGRESS")
    return InfrastructureStatus.REMOVING if is_removing else STATES[reading.state]


def _masters(cluster: Cluster, outputs: Mapping[str, object]) -> dict[str, NodeObservation]:
    early, masters = _map(outputs.get("master_addresses")), _map(outputs.get("kube_masters"))
    return {node.uuid: _node(masters.get(str(node.index)), early.get(str(node.index))) for node in cluster.masters}


def _workers(nodes: Sequence[Node], outputs: Mapping[str, object]) -> dict[str, NodeObservation]:
    workers = _map(outputs.get("kube_minions"))
    return {node.uuid: _node(workers.get(str(node.index)), None) for node in nodes}


def _node(output: object, address: object) -> NodeObservation:
    known = _map(output)
    return NodeObservation(
        server_id=_text(known.get("server")),
        address=_text(known.get("address")) or _text(address),
        floating_address=_text(known.get("floating")),
    )


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _url(address: object) -> str | None:
    known = _text(address)
    return addresses.url(known) if known else None
