# SPDX-License-Identifier: Apache-2.0
"""A pocket cloud whose time passes only when a test says so, and its Heat."""

import heapq
import itertools
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from magnum_lite.pocketcloud.cloud import Cloud, Settings
from magnum_lite.pocketcloud.faults import Fault
from magnum_lite.pocketcloud.heat import bodies, outputs, template
from magnum_lite.pocketcloud.heat.frame import Frame
from magnum_lite.pocketcloud.heat.stack import Resource, Stack
from magnum_lite.pocketcloud.scope import Scope

DAY = 86400.0


class HandClock:
    """A clock that makes due calls one after the other, in the test's own thread, when it is moved on."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Note a call."""
        heapq.heappush(self._due, (self.now + max(seconds, 0.0), next(self._order), call))

    def move(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let so many seconds pass, or fewer if something holds before."""
        end = self.now + seconds
        while not until() and self._due and self._due[0][0] <= end:
            self.now, _, call = heapq.heappop(self._due)
            call()
        self.now = self.now if until() else end

    def stop(self) -> None:
        """Forget what is due."""
        self._due.clear()


class Heat:
    """What a test does with the cloud's Heat, as the user demo."""

    def __init__(self, state_dir: Path) -> None:
        self.cloud = Cloud.furnished(Settings(state_dir=state_dir, run_agents=False))
        self.cloud.clock.stop()
        self.clock = HandClock()
        self.cloud.clock = self.cloud.orchestration.clock = self.clock  # type: ignore[assignment]
        self.engine = self.cloud.orchestration
        self.scope = self.scope_of("demo", "demo")

    def scope_of(self, user: str, project: str) -> Scope:
        """Give what a user's token for a project says."""
        identity = self.cloud.identity
        return Scope(identity.users.find(user)["id"], identity.projects.find(project)["id"], ("member",))

    def begin(self, text: str, name: str = "stack", **body: Any) -> Stack:
        """Begin a stack from a template's text below its version."""
        asked = {"stack_name": name, "template": hot(text), **body}
        return self.engine.create(self.scope, name, bodies.wish_of(asked), bodies.terms_of(asked))

    def create(self, text: str, name: str = "stack", **body: Any) -> Stack:
        """Begin a stack and let it come to its end."""
        return self.settle(self.begin(text, name, **body))

    def update(self, stack: Stack, text: str | None = None, **body: Any) -> Stack:
        """Update a stack and let it come to its end; without a text as an update that says only what changes."""
        if text is None:
            wish = bodies.changed_wish(body, stack.wish)
        else:
            wish = bodies.wish_of({"template": hot(text), **body})
        self.engine.update(self.scope, stack, wish, bodies.terms_of(body, stack))
        return self.settle(stack)

    def delete(self, stack: Stack) -> Stack:
        """Delete a stack and let it come to its end."""
        self.engine.delete(self.scope, stack)
        return self.settle(stack)

    def settle(self, stack: Stack) -> Stack:
        """Let time pass until nothing goes on in a stack."""
        self.clock.move(DAY, until=lambda: not stack.is_busy)
        assert not stack.is_busy, f"{stack.name} is still {stack.state}"
        return stack

    def output(self, stack: Stack, name: str) -> Any:
        """Give an output's value."""
        found = outputs.output(stack, name)
        assert found is not None
        return found.value

    def break_server(self, name: str, message: str = "No valid host was found.") -> None:
        """Have every server of this name end in ERROR."""
        fault = Fault("nova", "server-error", operation="create_server", message=message, match={"name": name})
        self.cloud.faults.add(fault)

    def networks(self) -> list[str]:
        """Give the names of the project's own networks but the one that it comes with."""
        found = self.cloud.network.list("network", self.scope)
        mine = [one["name"] for one in found if one["project_id"] == self.scope.project_id]
        return sorted(name for name in mine if name != "private")


def hot(text: str) -> str:
    """Complete a template's text."""
    return "heat_template_version: wallaby\n" + textwrap.dedent(text)


def resolve(snippet: Any, version: str = "wallaby", **parameters: Any) -> Any:
    """Give the value of a snippet of a template that has these parameters and no resources."""
    body = template.parse({"heat_template_version": version})
    return Frame(body, parameters, {"motd": "welcome\n"}).resolve(snippet)


def states(stack: Stack) -> dict[str, str]:
    """Give each resource's state."""
    return {name: f"{one.action}_{one.status}" for name, one in stack.resources.items()}


def member(stack: Stack, *path: str) -> Resource:
    """Give a resource by the names on the way to it through nested stacks."""
    *outer, last = path
    for name in outer:
        nested = stack.resources[name].nested
        assert nested is not None
        stack = nested
    return stack.resources[last]
