# SPDX-License-Identifier: Apache-2.0
"""The openstack command, unmodified, as a user runs it in a shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.system.cloud import Cloud
from tests.system.conversation import Conversation
from tests.system.processes import program

COMMAND_SECONDS = 120.0


@dataclass(frozen=True)
class Shell:
    """A shell with a user's variables."""

    cloud: Cloud
    user: str = "demo"
    project: str = "demo"

    def run(self, line: str, *more: str) -> str:
        """Run ``openstack`` with a line of words, and further ones as they are; give what it prints.

        A failing command fails the test with what it says.
        """
        done = self.attempt(line, *more)
        assert done.returncode == 0, f"openstack {line}: {done.stderr[-2000:]}{done.stdout[-2000:]}"
        return done.stdout

    def table(self, line: str, *more: str) -> Any:
        """Run a command that can print JSON and give what that says."""
        return json.loads(self.run(f"{line} -f json", *more))

    def attempt(self, line: str, *more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program("openstack"), *line.split(), *more],
            env={**_inherited(), **self.cloud.environment(self.user, self.project)},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )


@dataclass(frozen=True)
class LongShell(Shell):
    """A shell in which the openstack command is loaded once for all lines, which are remembered."""

    lines: Conversation = field(kw_only=True)
    done: list[str] = field(default_factory=list, kw_only=True)

    def attempt(self, line: str, *more: str) -> subprocess.CompletedProcess[str]:
        words = [*line.split(), *more]
        environment = self.cloud.environment(self.user, self.project)
        answer = self.lines.ask({"words": words, "environment": environment})
        self.done.append(" ".join(words))
        return subprocess.CompletedProcess(words, answer["status"], answer["stdout"], answer["stderr"])


def converse(complaints: Path) -> Conversation:
    """Load the openstack command for many lines."""
    script = Path(__file__).parent / "openstack_lines.py"
    # With -P the modules beside the script are not found, of which one is called as the SDK is.
    return Conversation([sys.executable, "-P", str(script)], complaints, _inherited())


def _inherited() -> dict[str, str]:
    """Give the variables of a shell that no cloud has set."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    # "coe cluster config" reads the name of the shell, which a program started by init does not have.
    return {"SHELL": "/bin/sh", **inherited}


def openssl(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run openssl, with a text on its standard input."""
    return subprocess.run(
        ["openssl", *words], input=text, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )


def is_verified(certificate: Path, authority: Path) -> bool:
    """Say whether openssl finds the certificate signed by the authority and valid."""
    done = openssl("verify", "-x509_strict", "-CAfile", str(authority), str(certificate))
    return done.returncode == 0
