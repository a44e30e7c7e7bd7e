# SPDX-License-Identifier: Apache-2.0
"""What a stack's status and outputs say of a cluster."""

from __future__ import annotations

from collections.abc import Mapping

from magnum_lite.drivers.base import InfrastructureStatus, NodeObservation, Observation, StackReading
from magnum_lite.drivers.k8s_fcos import addresses
from magnum_lite.drivers.k8s_fcos.parameters import default_workers
from magnum_lite.model.cluster import Cluster

STATES = {
    "IN_PROGRESS": InfrastructureStatus.BUILDING,
    "COMPLETE": InfrastructureStatus.COMPLETE,
    "FAILED": InfrastructureStatus.FAILED,
}


def observation(cluster: Cluster, reading: StackReading | None) -> Observation:
    """Read a stack; what it does not know yet is left out."""
    if reading is None:
        return Observation(InfrastructureStatus.ABSENT)
    removing = (reading.action, reading.state) == ("DELETE", "IN_PROGRESS")
    return Observation(
        status=InfrastructureStatus.REMOVING if removing else STATES[reading.state],
        reason=reading.reason,
        stack_id=reading.stack_id,
        api_address=_url(reading.outputs.get("api_address")),
        internal_api_address=_url(reading.outputs.get("internal_api_address")),
        nodes=_nodes(cluster, reading.outputs),
    )


def _nodes(cluster: Cluster, outputs: Mapping[str, object]) -> dict[str, NodeObservation]:
    early = _map(outputs.get("master_addresses"))
    masters, workers = _map(outputs.get("kube_masters")), _map(outputs.get("kube_minions"))
    found = {node.uuid: _node(masters.get(str(node.index)), early.get(str(node.index))) for node in cluster.masters}
    found.update((node.uuid, _node(workers.get(str(node.index)), None)) for node in default_workers(cluster))
    return found


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
