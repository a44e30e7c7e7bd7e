# SPDX-License-Identifier: Apache-2.0
"""Run the openstack command, unmodified, once for every line of words it is sent."""

import contextlib
import io
import json
import logging
import os
import sys
import traceback
from typing import Any

from openstackclient import shell  # type: ignore[import-untyped]


def run(words: list[str]) -> dict[str, Any]:
    """Do what ``openstack`` does with these words, and give its exit status and what it prints."""
    # Every run adds handlers that print to the streams of that run.
    logging.getLogger().handlers.clear()
    printed, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
        status = _status_of(words)
    return {"status": status, "stdout": printed.getvalue(), "stderr": complained.getvalue()}


def _status_of(words: list[str]) -> Any:
    try:
        return shell.main(words)
    except SystemExit as ended:
        return ended.code
    except Exception:  # noqa: BLE001 - as the interpreter does for a command that runs alone
        traceback.print_exc()
        return 1


def main() -> None:
    """Answer until there are no more lines."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    for line in sys.stdin:
        question = json.loads(line)
        for name in [name for name in os.environ if name.startswith("OS_")]:
            del os.environ[name]
        os.environ.update(question["environment"])
        answers.write(json.dumps(run(question["words"])) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
