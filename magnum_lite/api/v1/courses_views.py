# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of a cluster's course: its nodes, what happened to it, what was asked of it."""

from __future__ import annotations

import datetime
from typing import Self

from wsme import types as wtypes

from magnum_lite.model import ClusterEvent, Node, Operation


class NodeView(wtypes.Base):  # type: ignore[misc]
    """One node; ``state`` is ``wanted``, ``booting``, ``configuring``, ``ready`` or ``failed``."""

    uuid = str
    name = str
    role = str
    nodegroup = str
    index = int
    state = str
    message = str
    address = str
    floating_address = str
    server_id = str
    versions = {str: str}
    last_report_at = datetime.datetime

    @classmethod
    def of(cls, row: Node) -> Self:
        return cls(
            uuid=row.uuid,
            name=row.name,
            role=row.role,
            nodegroup=row.nodegroup_name,
            index=row.index,
            state=row.state,
            message=row.message,
            address=row.address,
            floating_address=row.floating_address,
            server_id=row.server_id,
            versions=dict(row.versions or {}),
            last_report_at=row.last_report_at,
        )


class Nodes(wtypes.Base):  # type: ignore[misc]
    nodes = [NodeView]


class EventView(wtypes.Base):  # type: ignore[misc]
    """One thing that happened; ``reason`` is a stable slug, ``message`` a sentence."""

    created_at = datetime.datetime
    kind = str
    resource = str
    reason = str
    message = str

    @classmethod
    def of(cls, row: ClusterEvent) -> Self:
        return cls(
            created_at=row.created_at,
            kind=row.kind,
            resource=row.resource,
            reason=row.reason,
            message=row.message,
        )


class Events(wtypes.Base):  # type: ignore[misc]
    events = [EventView]


class OperationView(wtypes.Base):  # type: ignore[misc]
    """One accepted request; ``step`` is the one begun last, ``progress`` a sentence about it."""

    uuid = str
    verb = str
    state = str
    step = str
    progress = str
    error_code = str
    message = str
    request_id = str
    started_at = datetime.datetime
    finished_at = datetime.datetime

    @classmethod
    def of(cls, row: Operation) -> Self:
        return cls(
            uuid=row.uuid,
            verb=row.verb,
            state=row.state,
            step=row.step,
            progress=row.progress,
            error_code=row.error_code,
            message=row.message,
            request_id=row.request_id,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )


class Operations(wtypes.Base):  # type: ignore[misc]
    operations = [OperationView]
