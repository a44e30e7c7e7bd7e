# SPDX-License-Identifier: Apache-2.0
"""Files of variables for systemd units (systemd.exec(5), EnvironmentFile)."""

from __future__ import annotations

import re
from collections.abc import Mapping

NEED_ESCAPE = re.compile(r'(["\\`$])')


def render(values: Mapping[str, str]) -> str:
    """Give one quoted assignment per line; systemd reads back exactly these values.

    Raises ``ValueError`` for a value that no variable can have: one with a NUL character, or that UTF-8 cannot hold.
    """
    return "".join(f'{name}="{_quoted(value)}"\n' for name, value in values.items())


def _quoted(value: str) -> str:
    if "\0" in value:
        raise ValueError("a variable cannot hold a NUL character")
    value.encode()
    return NEED_ESCAPE.sub(r"\\\1", value)
