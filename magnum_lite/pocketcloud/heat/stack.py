# SPDX-License-Identifier: Apache-2.0
"""What Heat keeps of a stack: its template and values, its resources and what happened to them."""

import datetime
import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud.heat.environment import Environment
from magnum_lite.pocketcloud.heat.refusals import Failure
from magnum_lite.pocketcloud.heat.template import ResourceDefinition, Template
from magnum_lite.pocketcloud.heat.values import Json
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.heat.course import Course
    from magnum_lite.pocketcloud.heat.engine import Orchestration
    from magnum_lite.pocketcloud.heat.resource_type import ResourceType

STACK_TYPE = "OS::Heat::Stack"
KEPT_EVENTS = 5000
_order = itertools.count()


def now() -> str:
    """Give the time as Heat writes it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id() -> str:
    """Make an id."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Event:
    """One thing that happened to a resource, or to the stack itself; `order` counts through all stacks."""

    id: str
    order: int
    time: str
    stack: "Stack"
    resource_name: str
    resource_type: str
    physical_id: str | None
    status: str
    reason: str


@dataclass(frozen=True)
class Wish:
    """What a stack is to be: the template with all that goes into it."""

    template: Template
    values: Mapping[str, Json]
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Environment = field(default_factory=Environment)


@dataclass(eq=False)
class Resource:
    """One resource of a stack: how it was defined and how it is."""

    stack: "Stack"
    definition: ResourceDefinition
    type: "ResourceType"
    requires: frozenset[str] = frozenset()
    id: str = field(default_factory=new_id)
    physical_id: str | None = None
    action: str = "INIT"
    status: str = "COMPLETE"
    reason: str = ""
    created: str = field(default_factory=now)
    updated: str = ""
    # What it was last made with, and what the running action is to give it.
    properties: Mapping[str, Json] = field(default_factory=dict)
    wanted: Mapping[str, Json] = field(default_factory=dict)
    # What its type keeps for itself.
    notes: dict[str, Json] = field(default_factory=dict)
    metadata: Json = None
    nested: "Stack | None" = None
    # Has the job that works on it look again at once.
    wake: Callable[[], None] | None = None

    @property
    def name(self) -> str:
        """Give the name it has in its template."""
        return self.definition.name

    @property
    def scope(self) -> Scope:
        """Give whose authority it is made with."""
        return self.stack.scope

    @property
    def is_real(self) -> bool:
        """Say whether something was made for it that must be deleted."""
        return self.physical_id is not None or self.nested is not None or bool(self.notes)

    @property
    def is_usable(self) -> bool:
        """Say whether it is there, so that its attributes mean something."""
        return self.physical_id is not None and self.action in ("CREATE", "UPDATE", "CHECK", "RESUME", "SIGNAL")

    def set_state(self, action: str, status: str, reason: str) -> None:
        """Change its state and write an event."""
        self.action, self.status, self.reason, self.updated = action, status, reason, now()
        self.stack.note(self.name, self.definition.type, self.physical_id, f"{action}_{status}", reason)


@dataclass(eq=False)
class Stack:
    """One stack, standing alone or nested in a resource of another."""

    engine: "Orchestration"
    name: str
    scope: Scope
    wish: Wish
    parent_resource: Resource | None = None
    id: str = field(default_factory=new_id)
    action: str = "CREATE"
    status: str = "IN_PROGRESS"
    reason: str = ""
    created: str = field(default_factory=now)
    updated: str | None = None
    deleted: str | None = None
    timeout_mins: int | None = None
    disable_rollback: bool = True
    tags: tuple[str, ...] = ()
    # What it was before the running update, for the way back.
    previous: Wish | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    # Replaced or dropped resources that are still to be deleted.
    leaving: list[Resource] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    failure: Failure | None = None
    course: "Course | None" = None

    @property
    def state(self) -> str:
        """Give action and status as one word."""
        return f"{self.action}_{self.status}"

    @property
    def is_busy(self) -> bool:
        """Say whether an action is going on."""
        return self.status == "IN_PROGRESS"

    @property
    def parent(self) -> "Stack | None":
        """Give the stack that this one is nested in."""
        return self.parent_resource.stack if self.parent_resource else None

    @property
    def root(self) -> "Stack":
        """Give the outermost stack."""
        return self.parent.root if self.parent else self

    @property
    def arn(self) -> str:
        """Give what `OS::stack_id` means."""
        return f"arn:openstack:heat::{self.scope.project_id}:stacks/{self.name}/{self.id}"

    def set_state(self, action: str, status: str, reason: str) -> None:
        """Change its state and write an event."""
        self.action, self.status, self.reason = action, status, reason
        self.note(self.name, STACK_TYPE, self.id, f"{action}_{status}", reason)

    def note(self, name: str, type_name: str, physical_id: str | None, status: str, reason: str) -> None:
        """Write an event; of very many the oldest are dropped."""
        del self.events[:-KEPT_EVENTS]
        self.events.append(Event(new_id(), next(_order), now(), self, name, type_name, physical_id, status, reason))

    def below(self, depth: int) -> Iterator["Stack"]:
        """Give this stack and those nested in it down to a depth."""
        yield self
        if depth > 0:
            for resource in list(self.resources.values()):
                if resource.nested is not None:
                    yield from resource.nested.below(depth - 1)
