# SPDX-License-Identifier: Apache-2.0
"""Programs of the machine, run without a shell and within a time; what a failed one said last becomes the error."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

from magnum_lite.agent.errors import HostFailed

COMMAND_SECONDS = 60.0
LAST_LINES = 3
LONGEST_TEXT = 400
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROXIES = frozenset({"http_proxy", "https_proxy", "no_proxy"})


@dataclass(frozen=True)
class Output:
    """How a program ended and what it wrote."""

    code: int
    out: str
    err: str

    def last_words(self) -> str:
        """Give the end of what it said, in one line."""
        lines = [line.strip() for line in (self.err.strip() or self.out.strip()).splitlines()]
        return " / ".join(lines[-LAST_LINES:])[-LONGEST_TEXT:] or "it said nothing"


@dataclass(frozen=True)
class Commands:
    """The programs in ``prefix``'s view of the machine, with nothing of our environment but the proxies."""

    prefix: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def inside(cls, process: int) -> Self:
        """Give the programs as a process sees them: that with the number 1 when the agent runs in a container."""
        namespaces = ("--mount", "--uts", "--ipc", "--net", "--pid")
        return cls(("nsenter", "--target", str(process), *namespaces, "--"))

    def run(self, *command: str, seconds: float = COMMAND_SECONDS, may_end_with: Collection[int] = (0,)) -> Output:
        """Run a program to its end; raise ``HostFailed`` when it ends with another code or not in time."""
        words = [*self.prefix, *command]
        try:
            done = subprocess.run(
                words, env=self._surroundings(), stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds
            )
        except subprocess.TimeoutExpired as error:
            raise HostFailed(f"{_shown(command)} did not end within {seconds:g} seconds") from error
        except OSError as error:
            raise HostFailed(f"{words[0]} cannot be run: {error.strerror}") from error
        output = Output(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        if output.code not in may_end_with:
            raise HostFailed(f"{_shown(command)} ended with {output.code}: {output.last_words()}")
        return output

    def _surroundings(self) -> dict[str, str]:
        proxies = {name: value for name, value in os.environ.items() if name.lower() in PROXIES}
        return {"PATH": PATH, "LC_ALL": "C.UTF-8", **proxies, **self.environment}


def _shown(command: tuple[str, ...]) -> str:
    return " ".join(command)
