# SPDX-License-Identifier: Apache-2.0
"""What a node's room is asked to run, in words that cross a socket as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from magnum_lite.agent.podman_run import Volume


@dataclass(frozen=True)
class Cell:
    """What stands for a container: a root with nothing of the room but these volumes.

    ``user`` and ``group`` are numbers; ``capabilities`` are those that are left, ``None`` for all.
    """

    volumes: tuple[Volume, ...] = ()
    tmpfs: tuple[str, ...] = ()
    user: int = 0
    group: int = 0
    capabilities: tuple[str, ...] | None = None
    is_read_only: bool = False

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        volumes = tuple(Volume(**one) for one in raw["volumes"])
        return cls(**{**raw, "volumes": volumes, "tmpfs": tuple(raw["tmpfs"])})


@dataclass(frozen=True)
class Task:
    """One program with its arguments; ``program`` is its path in the room, ``words[0]`` the name it is called by."""

    program: str
    words: tuple[str, ...]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    cell: Cell | None = None
    may_fail: bool = False

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        cell = None if raw["cell"] is None else Cell.from_json(raw["cell"])
        return cls(**{**raw, "words": tuple(raw["words"]), "cell": cell})


@dataclass(frozen=True)
class Service:
    """Tasks that run one after the other; the last one is what the service is there for.

    ``restart`` is ``no``, ``always`` or ``on-failure``, as systemd means them; times are seconds.
    """

    name: str
    tasks: tuple[Task, ...]
    is_oneshot: bool = False
    is_active_after_exit: bool = False
    restart: str = "no"
    restart_seconds: float = 0.1
    stop_seconds: float = 90.0

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        return cls(**{**raw, "tasks": tuple(Task.from_json(one) for one in raw["tasks"])})
