# SPDX-License-Identifier: Apache-2.0
"""Deleting resources, each after those that require it."""

from collections.abc import Sequence
from functools import partial

from magnum_lite.pocketcloud.heat.course import Course
from magnum_lite.pocketcloud.heat.refusals import Failure
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.walk import ABORTED


def remove_all(course: Course) -> None:
    """Delete all that the stack has."""
    remove(course, [*course.stack.leaving, *course.stack.resources.values()])


def remove(course: Course, resources: Sequence[Resource]) -> None:
    """Delete these resources of the stack, and end the action."""
    requirers: dict[str, set[int]] = {}
    for number, resource in enumerate(resources):
        for name in resource.requires:
            requirers.setdefault(name, set()).add(number)
    course.run(
        {number: requirers.get(resource.name, set()) for number, resource in enumerate(resources)},
        lambda number: RemovalTask(course, resources[number], number),
        partial(_end, course),
    )


def _end(course: Course, failure: Failure | None) -> None:
    if failure is None:
        course.complete()
    else:
        course.fail(failure)


class RemovalTask:
    """Deletes one resource."""

    def __init__(self, course: Course, resource: Resource, number: int) -> None:
        self._resource = resource
        self._is_real = resource.is_real
        self._is_kept = resource.definition.deletion_policy == "Retain"
        resource.wake = partial(course.wake, number)

    def start(self) -> None:
        """Start the deletion of what was made."""
        if self._is_real:
            self._resource.set_state("DELETE", "IN_PROGRESS", "state changed")
            if not self._is_kept:
                self._resource.type.remove(self._resource)

    def is_done(self) -> bool:
        """Look whether it is gone."""
        return self._is_kept or not self._is_real or self._resource.type.is_removed(self._resource)

    def wait(self, looks: int) -> float | None:
        """Give the seconds until the next look."""
        return self._resource.type.wait(self._resource, looks)

    def stop(self) -> None:
        """Let a deletion inside the resource go on; it does no harm."""

    def end(self, failure: Failure | None) -> Failure | None:
        """Write down how it came out, and forget the resource if it is gone."""
        resource = self._resource
        if failure is ABORTED:
            return failure
        if failure is not None:
            placed = failure.below(resource.name)
            resource.set_state("DELETE", "FAILED", str(placed))
            return placed
        if self._is_real:
            resource.set_state("DELETE", "COMPLETE", "state changed")
        self._forget()
        return None

    def _forget(self) -> None:
        stack = self._resource.stack
        if self._resource in stack.leaving:
            stack.leaving.remove(self._resource)
        elif stack.resources.get(self._resource.name) is self._resource:
            del stack.resources[self._resource.name]
