# SPDX-License-Identifier: Apache-2.0
"""Stacks kept in memory: what a driver sees of Heat, as far as a test takes it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from magnum_lite.heat.stacks import Reading

HIDDEN = ("masters", "workers")


class MemoryStacks:
    """Makes a stack at once; ``set`` says what it looks like next."""

    def __init__(self) -> None:
        self.made = 0
        self.minutes = 0
        self.updates = 0
        self.looks = 0
        self.removals = 0
        self.failures = 0
        self.happened: datetime.datetime | None = None
        self.culprit = "OS::Neutron::Port port failed: Quota exceeded"
        self._readings: dict[str, Reading] = {}
        self._told: dict[str, Mapping[str, object]] = {}

    @property
    def names(self) -> list[str]:
        return list(self._readings)

    def set(self, status: str, reason: str = "", **outputs: object) -> None:
        """Have every stack look like this."""
        for name in self._readings:
            self.set_one(name, status, reason, **outputs)

    def set_one(self, name: str, status: str, reason: str = "", **outputs: object) -> None:
        """Have one stack look like this."""
        action, _, state = status.partition("_")
        one = self._readings[name]
        self._readings[name] = Reading(one.stack_id, action, state, reason, outputs, one.parameters)

    def outputs(self) -> dict[str, object]:
        """Give what the one stack says once it is complete."""
        (told,) = self._told.values()
        return _outputs(told)

    def lose(self, name: str) -> None:
        """Have somebody else remove a stack."""
        del self._readings[name]

    def finish(self) -> None:
        """Have whatever goes on end well, with the servers that were asked for."""
        self.finish_removals()
        for name, one in self._readings.items():
            self._readings[name] = dataclasses.replace(one, state="COMPLETE", outputs=_outputs(self._told[name]))

    def finish_removals(self) -> None:
        self._readings = {name: one for name, one in self._readings.items() if one.action != "DELETE"}

    def ensure(
        self, name: str, *, template: str, files: Mapping[str, str], parameters: Mapping[str, object], minutes: int
    ) -> Reading:
        if name in self._readings:
            return self._readings[name]
        self.made += 1
        self.minutes = minutes
        self._told[name] = parameters
        self._readings[name] = Reading(f"stack-{self.made}", "CREATE", "IN_PROGRESS", "", {}, _shown(parameters))
        return self._readings[name]

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
        self.updates += 1
        self._told[name] = parameters
        self._readings[name] = Reading(stack_id, "UPDATE", "IN_PROGRESS", "", {}, _shown(parameters))

    def observe(self, name: str, *, stack_id: str | None = None) -> Reading | None:
        self.looks += 1
        found = self._readings.get(name)
        return found if found is None or stack_id in (None, found.stack_id) else None

    def remove(self, name: str, *, stack_id: str | None = None) -> None:
        self.removals += 1
        self.set_one(name, "DELETE_IN_PROGRESS")

    def failed_removals(self, name: str, since: datetime.datetime | None) -> int:
        return self.failures

    def last_event(self, name: str) -> datetime.datetime | None:
        return self.happened

    def physical_ids(self, name: str, kind: str) -> tuple[str, ...]:
        return (f"{kind} of {name}",)

    def diagnose(self, name: str) -> str:
        return self.culprit


def _outputs(parameters: Mapping[str, object]) -> dict[str, object]:
    """Give what the stacks that we ship say once they are complete."""
    return {
        "api_address": "127.24.0.9",
        "internal_api_address": "127.32.0.9",
        "worker_place": {"network": "n", "subnet": "s", "pods": ["p"], "security_groups": ["g"]},
        "kube_masters": _servers(parameters.get("masters")),
        "kube_minions": _servers(parameters.get("workers")),
    }


def _servers(nodes: object) -> dict[str, object]:
    known = nodes if isinstance(nodes, Mapping) else {}
    return {index: {"server": f"server-{node['name']}", "address": "127.32.0.2"} for index, node in known.items()}


def _shown(parameters: Mapping[str, object]) -> dict[str, str]:
    """Give parameters as Heat shows them: texts, and the nodes' secrets hidden."""
    return {name: "******" if name in HIDDEN else str(value) for name, value in parameters.items()}
