# SPDX-License-Identifier: Apache-2.0
"""Stacks, found and made by a name that is computed from a UUID of ours."""

from __future__ import annotations

import datetime
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heatclient.v1.client import Client

from magnum_lite import errors
from magnum_lite.heat import diagnosis
from magnum_lite.heat.faults import translated

LOG = logging.getLogger(__name__)

TAG = "magnum-lite"
NESTED_DEPTH = 4


@dataclass(frozen=True)
class Reading:
    """What Heat says of a stack now: ``action`` such as ``CREATE``, ``state`` such as ``IN_PROGRESS``.

    ``parameters`` are those of the last create or update, as texts; Heat shows stars for those that are hidden.
    """

    stack_id: str
    action: str
    state: str
    reason: str
    outputs: Mapping[str, object]
    parameters: Mapping[str, str] = field(default_factory=dict)


class Stacks:
    """The stacks of one project, seen as one user.

    The session's timeouts bound every call. Every method raises ``CloudError`` when Heat cannot be asked now. What is
    longer than ``most_bytes`` is not sent.
    """

    def __init__(
        self,
        session: Any,
        *,
        region: str | None = None,
        interface: str | list[str] | None = None,
        most_bytes: int | None = None,
    ) -> None:
        self._most_bytes = most_bytes
        self._heat = Client(
            session=session,
            service_type="orchestration",
            service_name=None,
            region_name=region,
            interface=interface,
            user_agent="magnum-lite",
        )

    def ensure(
        self, name: str, *, template: str, files: Mapping[str, str], parameters: Mapping[str, object], minutes: int
    ) -> Reading:
        """Find the stack of this name or make it, and say what it looks like.

        A stack that is there is adopted as it is. One that cannot be built stays, so that its owner can see why.
        Raises ``StackFailed`` when Heat refuses the template.
        """
        return self.observe(name) or self._create(name, template, files, parameters, minutes)

    def _create(
        self, name: str, template: str, files: Mapping[str, str], parameters: Mapping[str, object], minutes: int
    ) -> Reading:
        body = self._body(name, template, files, parameters, minutes)
        try:
            with translated(f"creating stack {name}"):
                made = self._heat.stacks.create(stack_name=name, **body)
        except errors.CloudConflict:
            # Another conductor was faster, or our answer was lost: the stack of this name is this cluster's.
            found = self.observe(name)
            if found is None:
                raise
            return found
        return Reading(made["stack"]["id"], "CREATE", "IN_PROGRESS", "", {})

    def update(
        self,
        name: str,
        *,
        stack_id: str,
        template: str,
        files: Mapping[str, str],
        parameters: Mapping[str, object],
        minutes: int,
    ) -> None:
        """Ask for a stack to become this; all is given anew, so that nothing of an older wish stays.

        While something else goes on in the stack nothing is asked for: look again. Raises ``StackFailed`` when Heat
        refuses the template.
        """
        body = self._body(name, template, files, parameters, minutes)
        try:
            with translated(f"updating stack {name}"):
                self._heat.stacks.update(_place(name, stack_id), **body)
        except errors.CloudConflict:
            LOG.info("stack %s: not updated now, because something else goes on in it", name)

    def _body(
        self, name: str, template: str, files: Mapping[str, str], parameters: Mapping[str, object], minutes: int
    ) -> dict[str, object]:
        """Give what is sent; raise ``StackFailed`` when Heat would not read so much."""
        body = {
            "template": template,
            "files": dict(files),
            "parameters": dict(parameters),
            "timeout_mins": minutes,
            "disable_rollback": True,
            "tags": TAG,
        }
        size = len(json.dumps({"stack_name": name, **body}))
        if self._most_bytes is not None and size > self._most_bytes:
            raise errors.StackFailed(
                f"stack {name} takes {size} bytes to describe and Heat reads {self._most_bytes} ([heat] "
                "max_json_body_size): have fewer nodes in a nodegroup, or shorter labels"
            )
        return body

    def observe(self, name: str, *, stack_id: str | None = None) -> Reading | None:
        """Say what the stack looks like now, or ``None`` when there is none.

        Heat answers a name without the ID with a redirect, which is one call more.
        """
        try:
            with translated(f"looking at stack {name}"):
                stack = self._heat.stacks.get(_place(name, stack_id))
        except errors.CloudNotFound:
            return None
        action, _, state = stack.stack_status.partition("_")
        if (action, state) == ("DELETE", "COMPLETE"):
            return None
        outputs = {one["output_key"]: one.get("output_value") for one in getattr(stack, "outputs", None) or ()}
        parameters = dict(getattr(stack, "parameters", None) or {})
        return Reading(stack.id, action, state, stack.stack_status_reason or "", outputs, parameters)

    def remove(self, name: str, *, stack_id: str | None = None) -> None:
        """Ask for the stack to be deleted; it is well when there is none."""
        try:
            with translated(f"deleting stack {name}"):
                self._heat.stacks.delete(_place(name, stack_id))
        except errors.CloudNotFound:
            return

    def failed_removals(self, name: str, since: datetime.datetime | None) -> int:
        """Count how often Heat has tried to delete the stack and could not, since a moment in UTC or ever."""
        with translated(f"looking at the events of stack {name}"):
            events = self._heat.events.list(name)
        failed = [one for one in events if (one.resource_name, one.resource_status) == (name, "DELETE_FAILED")]
        return len([one for one in failed if since is None or _moment(one.event_time) >= since])

    def last_event(self, name: str) -> datetime.datetime | None:
        """Say when anything happened last in a stack or in one of those inside, in UTC; ``None`` if nothing ever."""
        with translated(f"looking at the events of stack {name}"):
            events = self._heat.events.list(name, nested_depth=NESTED_DEPTH, limit=1, sort_dir="desc")
        return max((_moment(one.event_time) for one in events), default=None)

    def physical_ids(self, name: str, kind: str) -> tuple[str, ...]:
        """Give the IDs in the cloud of all resources of a type (``OS::Neutron::Net``) in a stack and those inside."""
        with translated(f"looking at the resources of stack {name}"):
            rows = self._heat.resources.list(name, nested_depth=NESTED_DEPTH, filters={"type": kind})
        return tuple(row.physical_resource_id for row in rows if row.physical_resource_id)

    def diagnose(self, name: str) -> str:
        """Give one sentence that names the resource which failed first and why."""
        with translated(f"looking for what failed in stack {name}"):
            stack = self._heat.stacks.get(name, resolve_outputs=False)
            resources = self._heat.resources.list(f"{name}/{stack.id}", nested_depth=NESTED_DEPTH)
        failed = [diagnosis.Resource.of(one.to_dict()) for one in resources]
        return diagnosis.sentence(failed, otherwise=stack.stack_status_reason or stack.stack_status)


def name_of(name: str, uuid: str) -> str:
    """Give the name of a cluster's or nodegroup's stack: what Heat allows of that one's own name, and of its UUID
    enough to be unique.
    """
    words = re.sub(r"[^a-z0-9]+", "-", name.lower())[:20].strip("-")
    stem = words if words[:1].isalpha() else f"k8s-{words}".strip("-")
    return f"{stem}-{uuid.replace('-', '')[:12]}"


def _place(name: str, stack_id: str | None) -> str:
    return name if stack_id is None else f"{name}/{stack_id}"


def _moment(text: str) -> datetime.datetime:
    """Read Heat's times, which are in UTC and say so or not."""
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
