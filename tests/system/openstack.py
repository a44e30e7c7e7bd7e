# SPDX-License-Identifier: Apache-2.0
"""The openstack command, unmodified, as a user runs it in a shell."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.system.cloud import Cloud
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
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        return subprocess.run(
            [program("openstack"), *line.split(), *more],
            # "coe cluster config" reads the name of the shell, which a program started by init does not have.
            env={"SHELL": "/bin/sh", **inherited, **self.cloud.environment(self.user, self.project)},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )


def openssl(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run openssl, with a text on its standard input."""
    return subprocess.run(
        ["openssl", *words], input=text, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )


def is_verified(certificate: Path, authority: Path) -> bool:
    """Say whether openssl finds the certificate signed by the authority and valid."""
    done = openssl("verify", "-x509_strict", "-CAfile", str(authority), str(certificate))
    return done.returncode == 0
