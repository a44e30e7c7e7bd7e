# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Heat: its stacks, and the actions on them."""

import secrets
import string
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from magnum_lite.pocketcloud.heat import building, refusals, removal, validation
from magnum_lite.pocketcloud.heat.course import Course
from magnum_lite.pocketcloud.heat.stack import Resource, Stack, Wish, now
from magnum_lite.pocketcloud.heat.values import Json
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

KEPT_DELETED: Final = 100
LONGEST_NAME: Final = 255
RANDOM_TAIL: Final = 12


@dataclass(frozen=True)
class Terms:
    """How an action on a stack is to be done."""

    timeout_mins: int | None = None
    disable_rollback: bool = True
    tags: tuple[str, ...] = ()


class Orchestration:
    """All stacks of the cloud. `lock` guards them; no service of the cloud is called while it is held."""

    def __init__(self, cloud: "Cloud") -> None:
        self.cloud = cloud
        self.clock = cloud.clock
        self.lock = threading.RLock()
        self._stacks: dict[str, Stack] = {}
        self._names: dict[tuple[str, str], Stack] = {}
        self._deleted: deque[Stack] = deque(maxlen=KEPT_DELETED)

    def create(self, scope: Scope, name: str, wish: Wish, terms: Terms) -> Stack:
        """Check and begin a stack; 409 when the project has one of this name."""
        self._check_free(scope, name)
        wish = validation.complete(wish, self.cloud, scope)
        validation.check(wish, self.cloud, scope, name)
        stack = Stack(
            self,
            name,
            scope,
            wish,
            timeout_mins=terms.timeout_mins,
            disable_rollback=terms.disable_rollback,
            tags=terms.tags,
        )
        with self.lock:
            self._check_free(scope, name)
            self._names[scope.project_id, name] = stack
            self._stacks[stack.id] = stack
        Course(stack, "CREATE").begin(building.build)
        return stack

    def update(self, scope: Scope, stack: Stack, wish: Wish, terms: Terms) -> None:
        """Check and begin an update to another wish; 409 while another action goes on."""
        scope = replace(scope, project_id=stack.scope.project_id)
        self._check_idle(stack)
        wish = validation.complete(wish, self.cloud, scope)
        validation.check(wish, self.cloud, scope, stack.name)
        with self.lock:
            self._check_idle(stack)
            stack.timeout_mins, stack.disable_rollback, stack.tags = (
                terms.timeout_mins,
                terms.disable_rollback,
                terms.tags,
            )
            self._set_scope(stack, scope)
            self._begin_update(stack, wish, "UPDATE")

    def delete(self, scope: Scope, stack: Stack) -> None:
        """Begin a stack's deletion, whatever else goes on; a second time does nothing."""
        with self.lock:
            if stack.action == "DELETE" and stack.status != "FAILED":
                return
            self._set_scope(stack, replace(scope, project_id=stack.scope.project_id))
            Course(stack, "DELETE").begin(removal.remove_all)

    def cancel(self, stack: Stack, *, rolls_back: bool) -> None:
        """Stop the update that goes on."""
        if stack.state != "UPDATE_IN_PROGRESS" or stack.course is None:
            raise refusals.bad_request(f"Cancelling update when stack is {stack.state} is not supported.")
        stack.disable_rollback = not rolls_back
        stack.course.stop()

    def signal(self, resource: Resource, details: Mapping[str, Json]) -> None:
        """Give a resource a signal."""
        reason = resource.type.signal(resource, details)
        with self.lock:
            resource.stack.note(
                resource.name, resource.definition.type, resource.physical_id, "SIGNAL_COMPLETE", reason
            )

    def mark_unhealthy(self, resource: Resource, *, is_unhealthy: bool, reason: str) -> None:
        """Have the next update make a resource anew, or call that off."""
        with self.lock:
            if resource.stack.root.is_busy:
                raise refusals.action_in_progress(resource.stack.name, resource.stack.action)
            if is_unhealthy:
                resource.set_state("CHECK", "FAILED", reason or "state changed by resource_mark_unhealthy api")
            elif resource.action == "CHECK":
                resource.set_state("CHECK", "COMPLETE", reason or "state changed by resource_mark_unhealthy api")

    def find(self, project_id: str, name_or_id: str) -> Stack | None:
        """Give the stack of this id or name in a project; one deleted lately only by its id."""
        with self.lock:
            found = self._stacks.get(name_or_id) or self._names.get((project_id, name_or_id))
            if found is None:
                found = next((one for one in self._deleted if one.id == name_or_id), None)
        return found if found is not None and found.scope.project_id == project_id else None

    def list_(self, project_id: str | None, *, nested: bool = False, deleted: bool = False) -> list[Stack]:
        """List a project's stacks, or everybody's for None, the newest first."""
        with self.lock:
            every = [*self._stacks.values(), *(self._deleted if deleted else ())]
        mine = [one for one in every if project_id is None or one.scope.project_id == project_id]
        return [one for one in reversed(mine) if nested or one.parent is None]

    def count(self, project_id: str) -> int:
        """Count the project's stacks that are not nested."""
        return len(self.list_(project_id))

    # For the resources that are stacks, and for the courses.

    def create_child(self, resource: Resource, wish: Wish) -> Stack:
        """Begin the stack nested in a resource."""
        tail = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(RANDOM_TAIL))
        head = f"{resource.stack.name}-{resource.name}"[: LONGEST_NAME - RANDOM_TAIL - 1]
        stack = Stack(
            self,
            f"{head}-{tail}",
            resource.scope,
            wish,
            parent_resource=resource,
            timeout_mins=resource.stack.timeout_mins,
        )
        with self.lock:
            self._stacks[stack.id] = stack
            self._names[stack.scope.project_id, stack.name] = stack
        Course(stack, "CREATE").begin(building.build)
        return stack

    def update_child(self, stack: Stack, wish: Wish) -> None:
        """Begin the update of a nested stack."""
        with self.lock:
            self._begin_update(stack, wish, "UPDATE")

    def delete_child(self, stack: Stack) -> None:
        """Begin the deletion of a nested stack."""
        self.delete(stack.scope, stack)

    def ended(self, course: Course) -> None:
        """Go on after an action: back, out of the list, or to the resource that the stack is nested in."""
        stack = course.stack
        if stack.status == "FAILED" and not stack.disable_rollback and course.action in ("CREATE", "UPDATE"):
            self._roll_back(stack, course.action)
            return
        if stack.state == "DELETE_COMPLETE":
            self._forget(stack)
        parent = stack.parent_resource
        if parent is not None and parent.wake is not None:
            parent.wake()

    def _begin_update(self, stack: Stack, wish: Wish, action: str) -> None:
        stack.previous, stack.wish = stack.wish, wish
        stack.updated = now()
        Course(stack, action).begin(building.build)

    def _roll_back(self, stack: Stack, action: str) -> None:
        if action == "CREATE":
            Course(stack, "ROLLBACK").begin(removal.remove_all)
        elif stack.previous is not None:
            with self.lock:
                self._begin_update(stack, stack.previous, "ROLLBACK")

    def _forget(self, stack: Stack) -> None:
        stack.deleted = now()
        with self.lock:
            self._stacks.pop(stack.id, None)
            self._names.pop((stack.scope.project_id, stack.name), None)
            if stack.parent is None:
                self._deleted.append(stack)
            stack.resources.clear()

    def _set_scope(self, stack: Stack, scope: Scope) -> None:
        stack.scope = scope
        for resource in [*stack.resources.values(), *stack.leaving]:
            if resource.nested is not None:
                self._set_scope(resource.nested, scope)

    def _check_free(self, scope: Scope, name: str) -> None:
        if (scope.project_id, name) in self._names:
            raise refusals.stack_exists(name)

    def _check_idle(self, stack: Stack) -> None:
        if stack.action == "DELETE":
            raise refusals.bad_request(f"Updating a stack when it is {stack.state} is not supported.")
        if stack.is_busy:
            raise refusals.action_in_progress(stack.name, stack.action)
