# SPDX-License-Identifier: Apache-2.0
"""Which resource waits for which."""

from collections import deque
from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

from magnum_lite.pocketcloud.errors import CloudFault

Node = TypeVar("Node", bound=Hashable)


def order(requires: Mapping[str, Collection[str]]) -> list[str]:
    """Give the names so that each comes after all it requires; refuse a circle."""
    waiting = {name: set(needed) for name, needed in requires.items()}
    ordered: list[str] = []
    dependents = reverse(requires)
    ready = deque(name for name, needed in waiting.items() if not needed)
    while ready:
        name = ready.popleft()
        ordered.append(name)
        for other in dependents[name]:
            waiting[other].discard(name)
            if not waiting[other]:
                ready.append(other)
    if len(ordered) < len(waiting):
        raise _circle({name: needed for name, needed in waiting.items() if needed})
    return ordered


def reverse(requires: Mapping[Node, Collection[Node]]) -> dict[Node, set[Node]]:
    """Turn the arrows round: for each node, those that require it."""
    dependents: dict[Node, set[Node]] = {node: set() for node in requires}
    for node, needed in requires.items():
        for other in needed:
            dependents[other].add(node)
    return dependents


def _circle(stuck: Mapping[str, Collection[str]]) -> CloudFault:
    """Name the resources of one circle, each with one that it waits for."""
    seen: list[str] = []
    name = next(iter(stuck))
    while name not in seen:
        seen.append(name)
        name = min(other for other in stuck[name] if other in stuck)
    circle = seen[seen.index(name) :]
    shown = ", ".join(f"{one}: requires {other}" for one, other in zip(circle, [*circle[1:], circle[0]], strict=True))
    return CloudFault(400, f"Circular Dependency Found: {{{shown}}}", "CircularDependencyException")
