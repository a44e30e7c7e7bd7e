# SPDX-License-Identifier: Apache-2.0
"""The container that a ``podman run`` command line makes: what runs in it, as whom, and what it sees of the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Volume:
    """A path of the machine that is seen at ``target`` in the container."""

    source: str
    target: str
    is_read_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        source, _, rest = text.partition(":")
        target, _, options = rest.partition(":")
        return cls(source, target, "ro" in options.split(","))


@dataclass(frozen=True)
class Container:
    """``command`` is what is run in it, its arguments after it; ``user`` as written, ``None`` for root."""

    image: str
    command: tuple[str, ...]
    name: str | None = None
    volumes: tuple[Volume, ...] = ()
    tmpfs: tuple[str, ...] = ()
    user: str | None = None
    environment: tuple[str, ...] = ()
    dropped: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    is_read_only: bool = False
    is_privileged: bool = False

    @classmethod
    def parse(cls, words: Sequence[str]) -> Self | None:
        """Give what a command line runs, ``None`` when it is no ``podman run``; options must be written with ``=``."""
        if len(words) < 3 or words[0].rpartition("/")[2] != "podman" or words[1] != "run":
            return None
        count = next((place for place, word in enumerate(words[2:]) if not word.startswith("-")), None)
        if count is None:
            raise ValueError("podman run names no image")
        image, *command = words[2 + count :]
        return cls._of(_options(words[2 : 2 + count]), image, command)

    @classmethod
    def _of(cls, options: Sequence[tuple[str, str]], image: str, command: Sequence[str]) -> Self:
        def all_of(name: str) -> list[str]:
            return [value for found, value in options if found == name]

        return cls(
            image,
            tuple(command),
            name=next(iter(all_of("name")), None),
            volumes=tuple(Volume.parse(value) for value in all_of("volume")),
            tmpfs=tuple(value.partition(":")[0] for value in all_of("tmpfs")),
            user=next(iter(all_of("user")), None),
            environment=tuple(all_of("env")),
            dropped=frozenset(value.lower() for value in all_of("cap-drop")),
            added=frozenset(value.lower().removeprefix("cap_") for value in all_of("cap-add")),
            is_read_only="true" in all_of("read-only"),
            is_privileged="true" in all_of("privileged"),
        )


def _options(words: Sequence[str]) -> list[tuple[str, str]]:
    """Give name and value of each option; one without a value is a switch that is on."""
    found = []
    for word in words:
        if not word.startswith("--"):
            raise ValueError(f"option {word} of podman run must be written as --name=value")
        name, sign, value = word.removeprefix("--").partition("=")
        found.append((name, value if sign else "true"))
    return found
