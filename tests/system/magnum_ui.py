# SPDX-License-Identifier: Apache-2.0
"""The client as magnum-ui uses it, in an environment of its own: two of its versions cannot live in one."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.servers import ServerUnavailable
from tests.system.conversation import Conversation
from tests.system.processes import of_an_installer
from tests.system.user import User

ROOT = Path(__file__).parents[2]
FOLDER = ".magnum-lite/magnum-ui-venv"
REQUIREMENTS = "tests/system/magnum_ui_requirements.txt"
INSTALL_SECONDS = 600.0


@contextlib.contextmanager
def magnum_ui_python() -> Iterator[str]:
    """Give the path of a Python with the client that magnum-ui works with; raise ``ServerUnavailable``."""
    try:
        done = subprocess.run(
            [ROOT / "tools/environment", "--alone", FOLDER, REQUIREMENTS],
            env=of_an_installer(),
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ServerUnavailable(f"{REQUIREMENTS} were not installed within {INSTALL_SECONDS:.0f} s") from error
    if done.returncode != 0:
        raise ServerUnavailable(f"{REQUIREMENTS} cannot be installed: {done.stderr.strip()[-500:]}")
    yield str(ROOT / FOLDER / "bin/python")


class Refused(Exception):
    """What the client raises, by the name of its class and in its words."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(f"{kind}: {said}")
        self.kind = kind


class Horizon:
    """Horizon's server for one user that is logged in."""

    def __init__(self, user: User, python: str, folder: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        script = Path(__file__).parent / "magnum_ui_lines.py"
        self._lines = Conversation([python, "-P", str(script)], folder / "magnum-ui.txt", environment)
        self._login = {
            "username": user.session.get_user_id(),
            "project_id": user.session.get_project_id(),
            "input_auth_token": user.session.get_token(),
            "magnum_url": user.session.get_endpoint(service_type="container-infra", interface="public"),
            "api_version": "1.13",
        }

    def call(self, manager: str, method: str, *arguments: Any, **keywords: Any) -> Any:
        """Call a method of the client, and give its answer as JSON."""
        question = {"manager": manager, "method": method, "arguments": arguments, "keywords": keywords}
        answer = self._lines.ask({"login": self._login, **question})
        if "error" in answer:
            raise Refused(*answer["error"])
        return answer["result"]

    def end(self) -> None:
        self._lines.end()
