# SPDX-License-Identifier: Apache-2.0
"""Making a stack's resources what its template says: creating, changing, replacing and dropping them."""

from collections.abc import Mapping
from functools import partial

from magnum_lite.pocketcloud.heat import lookups, outputs, plan, removal
from magnum_lite.pocketcloud.heat.course import Course
from magnum_lite.pocketcloud.heat.frame import Frame
from magnum_lite.pocketcloud.heat.plan import Planned
from magnum_lite.pocketcloud.heat.refusals import Failure
from magnum_lite.pocketcloud.heat.resources import registry
from magnum_lite.pocketcloud.heat.stack import Resource, Stack
from magnum_lite.pocketcloud.heat.values import Json, without_unknown
from magnum_lite.pocketcloud.heat.walk import ABORTED


def build(course: Course) -> None:
    """Bring the stack to its wish, then delete what the wish no longer has."""
    stack = course.stack
    frame = outputs.frame_of(stack)
    planned = plan.plan(frame, partial(registry.type_of, wish=stack.wish))
    for name, one in planned.items():
        if name not in stack.resources:
            stack.resources[name] = Resource(stack, one.definition, one.type, one.requires)
    course.run(
        {name: one.requires for name, one in planned.items()},
        lambda name: BuildTask(course, frame, planned[name]),
        partial(_drop_the_rest, course, planned),
    )


def _drop_the_rest(course: Course, planned: Mapping[str, Planned], failure: Failure | None) -> None:
    if failure is not None:
        course.fail(failure)
        return
    stack = course.stack
    dropped = [resource for name, resource in stack.resources.items() if name not in planned]
    removal.remove(course, [*stack.leaving, *dropped])


class BuildTask:
    """Creates, changes or replaces one resource, or leaves it as it is."""

    def __init__(self, course: Course, frame: Frame, planned: Planned) -> None:
        self._stack: Stack = course.stack
        self._frame = frame
        self._planned = planned
        self._resource = self._stack.resources[planned.definition.name]
        self._resource.wake = partial(course.wake, self._resource.name)
        self._action = ""

    def start(self) -> None:
        """Find out what there is to do, and start it."""
        lookup = lookups.lookup(self._stack.engine.cloud, self._stack.scope)
        wanted = without_unknown(plan.properties(self._frame, self._planned, lookup))
        old = self._resource
        changed = frozenset(name for name, value in wanted.items() if value != old.properties.get(name))
        if old.action == "INIT":
            self._create(wanted)
        elif self._must_replace(old, changed):
            self._replace(wanted)
        elif changed or old.type.always_updates:
            self._update(wanted, changed)
        else:
            self._adopt(old)

    def is_done(self) -> bool:
        """Look whether it is done."""
        if self._action == "CREATE":
            return self._resource.type.is_created(self._resource)
        return not self._action or self._resource.type.is_updated(self._resource)

    def wait(self, looks: int) -> float | None:
        """Give the seconds until the next look."""
        return self._resource.type.wait(self._resource, looks)

    def stop(self) -> None:
        """Stop what goes on inside the resource."""
        if self._action:
            self._resource.type.stop(self._resource)

    def end(self, failure: Failure | None) -> Failure | None:
        """Write down how it came out."""
        resource = self._resource
        if failure is None:
            if self._action:
                resource.properties = resource.wanted
                resource.set_state(self._action, "COMPLETE", "state changed")
            return None
        if failure is ABORTED:
            if self._action:
                resource.set_state(self._action, "FAILED", f"{self._action} aborted")
            return failure
        placed = failure.below(resource.name)
        action = self._action or ("CREATE" if resource.action == "INIT" else "UPDATE")
        resource.set_state(action, "FAILED", str(placed))
        return placed

    def _create(self, wanted: Mapping[str, Json]) -> None:
        self._begin("CREATE", wanted)
        self._resource.type.create(self._resource)

    def _update(self, wanted: Mapping[str, Json], changed: frozenset[str]) -> None:
        self._begin("UPDATE", wanted)
        self._resource.type.update(self._resource, changed)

    def _replace(self, wanted: Mapping[str, Json]) -> None:
        old = self._resource
        new = Resource(self._stack, self._planned.definition, self._planned.type)
        new.wake = old.wake
        self._stack.leaving.append(old)
        self._stack.resources[old.name] = self._resource = new
        old.type.make_way(old)
        self._create(wanted)

    def _begin(self, action: str, wanted: Mapping[str, Json]) -> None:
        self._action = action
        self._adopt(self._resource)
        self._resource.wanted = wanted
        self._resource.set_state(action, "IN_PROGRESS", "state changed")

    def _adopt(self, resource: Resource) -> None:
        resource.definition = self._planned.definition
        resource.type = self._planned.type
        resource.requires = self._planned.requires
        resource.metadata = plan.metadata(self._frame, resource.definition)

    def _must_replace(self, old: Resource, changed: frozenset[str]) -> bool:
        if old.type.name != self._planned.type.name or old.action == "DELETE" or old.status == "IN_PROGRESS":
            return True
        if old.status == "FAILED" and (old.nested is None or old.action == "CHECK"):
            return True
        return not self._planned.type.can_change(old, changed)
