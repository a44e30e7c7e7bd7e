# SPDX-License-Identifier: Apache-2.0
"""Files in the syntax of gcfg, read by its rules: quoted values, backslashes, nothing below a blank."""

import re

LINE = re.compile(r'(?P<key>[a-z-]+) = (?:"(?P<quoted>(?:[^"\\\x00-\x1f\x7f]|\\["\\nt])*)"|(?P<bare>true|false|\d+))')
ESCAPED = re.compile(r"\\(.)")
MEANING = {"n": "\n", "t": "\t"}


def read(text: str) -> dict[str, dict[str, str]]:
    """Give each section's values; raise ``ValueError`` for a line that gcfg would not take."""
    found: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line:
            match = LINE.fullmatch(line)
            if match is None:
                raise ValueError(line)
            quoted = match["quoted"]
            section[match["key"]] = match["bare"] if quoted is None else ESCAPED.sub(_meant, quoted)
    return found


def _meant(escaped: re.Match[str]) -> str:
    return MEANING.get(escaped[1], escaped[1])
