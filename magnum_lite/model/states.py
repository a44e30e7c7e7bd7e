# SPDX-License-Identifier: Apache-2.0
"""Which states things have, and which may follow which."""

from __future__ import annotations

import enum


class Status(enum.StrEnum):
    """What a user sees of a cluster or nodegroup (the values are Magnum's)."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    CREATE_COMPLETE = "CREATE_COMPLETE"
    CREATE_FAILED = "CREATE_FAILED"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    UPDATE_COMPLETE = "UPDATE_COMPLETE"
    UPDATE_FAILED = "UPDATE_FAILED"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETE_FAILED = "DELETE_FAILED"

    @property
    def is_in_progress(self) -> bool:
        return self.endswith("_IN_PROGRESS")

    @property
    def is_failed(self) -> bool:
        return self.endswith("_FAILED")


class Health(enum.StrEnum):
    """What is said of a cluster's health (the values are Magnum's); nothing before anybody has looked."""

    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    UNKNOWN = "UNKNOWN"


class Verb(enum.StrEnum):
    """What an operation does; every one takes its cluster through one family of statuses."""

    CREATE = "create"
    UPDATE = "update"
    RESIZE = "resize"
    UPGRADE = "upgrade"
    ROTATE_CA = "rotate-ca"
    ROTATE_CREDENTIAL = "rotate-credential"
    CREATE_NODEGROUP = "create-nodegroup"
    UPDATE_NODEGROUP = "update-nodegroup"
    DELETE_NODEGROUP = "delete-nodegroup"
    DELETE = "delete"


class OperationState(enum.StrEnum):
    """``pending`` nobody has begun, ``running`` begun, then one of three ends."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class NodeState(enum.StrEnum):
    """How far a node is, as its agent reports it; ``wanted`` before its first report."""

    WANTED = "wanted"
    BOOTING = "booting"
    CONFIGURING = "configuring"
    READY = "ready"
    FAILED = "failed"


class Event(enum.StrEnum):
    """What can happen to a cluster as a whole."""

    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


OPEN = (OperationState.PENDING, OperationState.RUNNING)

# What may be changed: a cluster that is there and at rest. One whose last change failed is among them, so that there is
# a way out of every failure but that of its making. What is marked as true may be asked for during another change too:
# autoscalers, and tools that make several nodegroups at once, do not wait for each other.
CHANGES = {
    Verb.UPDATE: False,
    Verb.RESIZE: True,
    Verb.UPGRADE: False,
    Verb.ROTATE_CA: False,
    Verb.ROTATE_CREDENTIAL: False,
    Verb.CREATE_NODEGROUP: True,
    Verb.UPDATE_NODEGROUP: True,
    Verb.DELETE_NODEGROUP: True,
}
AT_REST = (Status.CREATE_COMPLETE, Status.UPDATE_COMPLETE, Status.UPDATE_FAILED)


def _changes() -> dict[tuple[Status | None, Verb, Event], Status]:
    found: dict[tuple[Status | None, Verb, Event], Status] = {}
    for verb, may_overlap in CHANGES.items():
        before = (*AT_REST, Status.UPDATE_IN_PROGRESS) if may_overlap else AT_REST
        found |= {(status, verb, Event.REQUESTED): Status.UPDATE_IN_PROGRESS for status in before}
        found[(Status.UPDATE_IN_PROGRESS, verb, Event.SUCCEEDED)] = Status.UPDATE_COMPLETE
        found[(Status.UPDATE_IN_PROGRESS, verb, Event.FAILED)] = Status.UPDATE_FAILED
    return found


# A delete may be asked for in any state, so that nothing a user has can become undeletable.
TRANSITIONS: dict[tuple[Status | None, Verb, Event], Status] = {
    (None, Verb.CREATE, Event.REQUESTED): Status.CREATE_IN_PROGRESS,
    (Status.CREATE_IN_PROGRESS, Verb.CREATE, Event.SUCCEEDED): Status.CREATE_COMPLETE,
    (Status.CREATE_IN_PROGRESS, Verb.CREATE, Event.FAILED): Status.CREATE_FAILED,
    **_changes(),
    **{(status, Verb.DELETE, Event.REQUESTED): Status.DELETE_IN_PROGRESS for status in Status},
    (Status.DELETE_IN_PROGRESS, Verb.DELETE, Event.FAILED): Status.DELETE_FAILED,
}


def after(status: Status | None, verb: Verb, event: Event) -> Status:
    """Give the status that follows; raise ``ValueError`` when the event cannot happen in that status."""
    try:
        return TRANSITIONS[(status, verb, event)]
    except KeyError:
        raise ValueError(f"{verb} {event} cannot follow status {status}") from None
