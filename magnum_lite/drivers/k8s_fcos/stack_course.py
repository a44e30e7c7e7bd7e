# SPDX-License-Identifier: Apache-2.0
"""The course of one stack: told of a wish once, tried again when an earlier change failed, and removed."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable

from magnum_lite.drivers.base import (
    Change,
    InfrastructureStatus,
    NotYet,
    Observation,
    Removal,
    Rendering,
    StackReading,
    Stacks,
    Strays,
)
from magnum_lite.drivers.k8s_fcos import reading
from magnum_lite.errors import StackFailed
from magnum_lite.heat import diagnosis

NETWORK, ROUTER = "OS::Neutron::Net", "OS::Neutron::Router"


@dataclasses.dataclass(frozen=True)
class Terms:
    """How often Heat is asked to delete a stack, and the seconds between two looks at it.

    ``names`` are those of the cluster's nodes; ``is_spoilt`` says that things are in the way of a stack that failed,
    though it was not deleted yet.
    """

    attempts: int
    pause: float
    names: tuple[str, ...] = ()
    is_spoilt: bool = False


def bring(
    stacks: Stacks,
    name: str,
    found: StackReading | None,
    seen: Observation,
    render: Callable[[], Rendering],
    *,
    members: str,
    change: Change,
    minutes: int,
) -> Observation:
    """Make a stack, or update the one that was found, unless it has its members; say what it looks like then.

    Where something goes on nothing is done: look again. ``seen`` is what was read from the stack that was found.
    ``render`` is called only if there is need. What Heat refuses is ``FAILED``.
    """
    if found is not None and not _is_to_be_told(stacks, name, found, members, change):
        return reading.explained(seen, name, stacks)
    rendering = render()
    wish = Rendering(rendering.template, rendering.files, {**rendering.parameters, "change": change.ident})
    try:
        _send(stacks, name, found, wish, minutes)
    except StackFailed as error:
        return dataclasses.replace(seen, status=InfrastructureStatus.FAILED, reason=error.message)
    return dataclasses.replace(seen, status=InfrastructureStatus.BUILDING, reason=f"stack {name} is being changed")


def _send(stacks: Stacks, name: str, found: StackReading | None, wish: Rendering, minutes: int) -> None:
    if found is None:
        stacks.ensure(name, template=wish.template, files=wish.files, parameters=wish.parameters, minutes=minutes)
        return
    stacks.update(
        name,
        stack_id=found.stack_id,
        template=wish.template,
        files=wish.files,
        parameters=wish.parameters,
        minutes=minutes,
    )


def _is_to_be_told(stacks: Stacks, name: str, found: StackReading, members: str, change: Change) -> bool:
    """Say whether nothing goes on in a stack, and it has other members or failed before this change.

    Later attempts at a change have its name and more.
    """
    if found.state == "IN_PROGRESS":
        return _is_silent(stacks, name, change.silent_since)
    is_same = found.parameters.get("members") == members
    return not is_same or (found.state == "FAILED" and not found.parameters.get("change", "").startswith(change.ident))


def _is_silent(stacks: Stacks, name: str, since: datetime.datetime | None) -> bool:
    """Say whether it is time to ask, and nothing has happened in a stack since then."""
    if since is None:
        return False
    last = stacks.last_event(name)
    return last is not None and last < since


def remove(stacks: Stacks, name: str, stack_id: str | None, terms: Terms, removal: Removal) -> None:
    """Make a stack gone: come back when it is and raise ``NotYet`` before.

    Raises ``StackFailed`` when it could not be deleted so many times since then, unless something was only away.
    """
    found = stacks.observe(name, stack_id=stack_id)
    if found is None:
        return
    state = (found.action, found.state)
    if state == ("DELETE", "FAILED") and stacks.failed_removals(name, removal.since) >= terms.attempts:
        reason = stacks.diagnose(name)
        if not diagnosis.is_passing(reason):
            raise StackFailed(f"stack {name} could not be deleted: {reason}")
    if removal.clean and (state == ("DELETE", "FAILED") or (found.state == "FAILED" and terms.is_spoilt)):
        networks, routers = (stacks.physical_ids(name, kind) for kind in (NETWORK, ROUTER))
        removal.clean(Strays(networks, routers, terms.names))
    if state != ("DELETE", "IN_PROGRESS") or _is_silent(stacks, name, removal.silent_since):
        stacks.remove(name, stack_id=found.stack_id)
    raise NotYet(f"stack {name} is being deleted", after=terms.pause)
