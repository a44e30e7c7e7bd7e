# SPDX-License-Identifier: Apache-2.0
"""How an operation ends: what a user sees of its cluster and nodegroups from then on."""

from __future__ import annotations

import datetime

from magnum_lite.model import Cluster, Nodegroup, Operation
from magnum_lite.model.states import CHANGES, Event, OperationState, Status, Verb, after


def end(
    cluster: Cluster,
    operation: Operation,
    event: Event,
    *,
    now: datetime.datetime,
    error_code: str | None = None,
    reason: str | None = None,
) -> None:
    """Write into the rows that an operation has succeeded, or failed for a reason.

    What makes or removes a cluster takes its nodegroups along; a change ends each nodegroup's own action.
    """
    verb = Verb(operation.verb)
    operation.state = (OperationState.COMPLETE if event is Event.SUCCEEDED else OperationState.FAILED).value
    operation.finished_at, operation.error_code, operation.message = now, error_code, reason
    cluster.status = after(Status(cluster.status), verb, event).value
    cluster.status_reason, cluster.updated_at = reason, now
    for group in cluster.nodegroups:
        status = _status_of(group, event) if verb in CHANGES else Status(cluster.status)
        if status is not None:
            group.status, group.status_reason, group.updated_at = status.value, reason, now


def _status_of(group: Nodegroup, event: Event) -> Status | None:
    """Give how a nodegroup's action ends, or ``None`` for one at rest; what failed before is done now, too."""
    status = Status(group.status)
    action = status.partition("_")[0]
    if event is Event.FAILED:
        return Status(f"{action}_FAILED") if status.is_in_progress else None
    return Status(f"{action}_COMPLETE") if status.is_in_progress or status.is_failed else None
