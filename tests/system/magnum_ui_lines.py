# SPDX-License-Identifier: Apache-2.0
"""Call python-magnumclient once for every line, with a client made anew as Horizon makes one for every request."""

import json
import os
import sys
from typing import Any

from magnumclient.v1.client import Client  # type: ignore[import-untyped]


def call(question: dict[str, Any]) -> dict[str, Any]:
    """Call what the question names; give the result, or the error's class and words."""
    client = Client(**question["login"])
    method = getattr(getattr(client, question["manager"]), question["method"])
    try:
        result = method(*question["arguments"], **question["keywords"])
    except Exception as error:  # noqa: BLE001 - whatever it is, the test shall see it
        return {"error": [type(error).__name__, str(error)]}
    return {"result": _plain(result)}


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(one) for one in result]
    return result.to_dict() if hasattr(result, "to_dict") else None


def main() -> None:
    """Answer until there are no more lines."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    for line in sys.stdin:
        answers.write(json.dumps(call(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
