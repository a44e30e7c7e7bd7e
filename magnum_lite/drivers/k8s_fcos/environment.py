# SPDX-License-Identifier: Apache-2.0
"""Files of variables for systemd units (systemd.exec(5), EnvironmentFile)."""

from __future__ import annotations

import re
from collections.abc import Mapping

NEED_ESCAPE = re.compile(r'(["\\`$])')


def render(values: Mapping[str, str]) -> str:
    """Give one quoted assignment per line; systemd reads back exactly these values.

    Raises ``ValueError`` for a value that no variable can have.
    """
    return "".join(f'{name}="{_quoted(value)}"\n' for name, value in values.items())


def _quoted(value: str) -> str:
    bad = next((one for one in value if not _is_taken(ord(one))), None)
    if bad is not None:
        raise ValueError(f"a variable cannot hold the character {ord(bad):#x}")
    return NEED_ESCAPE.sub(r"\\\1", value)


def _is_taken(code: int) -> bool:
    """Tell whether systemd takes a character: not NUL, no half of a pair, and none that Unicode keeps for itself."""
    is_surrogate, is_reserved = 0xD800 <= code <= 0xDFFF, 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return code != 0 and not is_surrogate and not is_reserved
