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


class Verb(enum.StrEnum):
    """What an operation does; every one takes its cluster through one family of statuses."""

    CREATE = "create"
    DELETE = "delete"


class OperationState(enum.StrEnum):
    """``pending`` nobody has begun, ``running`` begun, then one of three ends."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    SUPERSEDED = "superseded"

    @property
    def is_open(self) -> bool:
        return self in OPEN


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

# A delete may be asked for in any state, so that nothing a user has can become undeletable.
TRANSITIONS: dict[tuple[Status | None, Verb, Event], Status] = {
    (None, Verb.CREATE, Event.REQUESTED): Status.CREATE_IN_PROGRESS,
    (Status.CREATE_IN_PROGRESS, Verb.CREATE, Event.SUCCEEDED): Status.CREATE_COMPLETE,
    (Status.CREATE_IN_PROGRESS, Verb.CREATE, Event.FAILED): Status.CREATE_FAILED,
    **{(status, Verb.DELETE, Event.REQUESTED): Status.DELETE_IN_PROGRESS for status in Status},
    (Status.DELETE_IN_PROGRESS, Verb.DELETE, Event.FAILED): Status.DELETE_FAILED,
}


def after(status: Status | None, verb: Verb, event: Event) -> Status:
    """Give the status that follows; raise ``ValueError`` when the event cannot happen in that status."""
    try:
        return TRANSITIONS[(status, verb, event)]
    except KeyError:
        raise ValueError(f"{verb} {event} cannot follow status {status}") from None
