# SPDX-License-Identifier: Apache-2.0
"""What a systemd unit says will be run, read from its text as systemd reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

PREFIXES = "@-:+!"
SPACE = re.compile(r"\s+")
PIECE = re.compile(
    r"""(?P<space>\s+)|"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|(?P<plain>(?:\\.|[^\s"'\\])+)"""
)
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[0-7]{3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
AS_THEY_ARE = "\\\"'"
VARIABLE = re.compile(r"\$\$|\$\{(\w+)\}")
ASSIGNMENT = re.compile(
    r"""^[ \t]*(?P<name>[A-Za-z_]\w*)[ \t]*=(?P<quoted>(?:[ \t]*(?:"(?:\\.|[^"\\])*"|'[^']*'))*)"""
    r"""[ \t]*(?P<plain>(?:\\.|[^\\\n])*)$""",
    re.MULTILINE | re.DOTALL,
)
QUOTED = re.compile(r""""(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'""", re.DOTALL)
IN_DOUBLE = re.compile(r'\\([`$"\\\n])')
IN_PLAIN = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Command:
    """One command line: its words before variables are put in; ``may_fail`` is said with a ``-`` before it."""

    words: tuple[str, ...]
    may_fail: bool = False
    is_literal: bool = False

    def with_variables(self, variables: Mapping[str, str]) -> list[str]:
        """Give the words that are run.

        ``${NAME}`` becomes its value within its word, a word ``$NAME`` as many words as the value has; what is not set
        is empty (systemd.service(5), "Command lines").
        """
        if self.is_literal:
            return list(self.words)
        return [found for word in self.words for found in _expanded(word, variables)]


@dataclass(frozen=True)
class EnvironmentFile:
    """A file of variables; one that ``may_be_missing`` is written with a ``-`` before it."""

    path: str
    may_be_missing: bool = False


@dataclass(frozen=True)
class UnitFile:
    """A unit's settings: section -> key -> values in their order, an empty one having taken back those before it."""

    settings: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a unit's text; raise ``ValueError`` where systemd would not accept it."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        section: dict[str, tuple[str, ...]] | None = None
        for line in _lines(text):
            if line.startswith("["):
                section = found.setdefault(line.strip("[]"), {})
                continue
            key, sign, value = (part.strip() for part in line.partition("="))
            if section is None or not sign:
                raise ValueError(f"{line!r} is no setting of a section")
            section[key] = (*section.get(key, ()), value) if value else ()
        return cls(found)

    def last(self, key: str, default: str, section: str = "Service") -> str:
        """Give the value that counts where only one can."""
        return (self.settings.get(section, {}).get(key) or (default,))[-1]

    def values(self, key: str, section: str = "Service") -> tuple[str, ...]:
        return self.settings.get(section, {}).get(key, ())

    def commands(self, key: str) -> tuple[Command, ...]:
        """Give the command lines of a key (``ExecStartPre``, ``ExecStart``) in their order."""
        return tuple(command for value in self.values(key) for command in _commands(value))

    def seconds(self, key: str, default: float) -> float:
        """Give a time span written as a bare number of seconds, with or without ``s``."""
        return float(self.last(key, str(default)).removesuffix("s"))

    @property
    def is_oneshot(self) -> bool:
        return self.last("Type", "simple") == "oneshot"

    @property
    def is_active_after_exit(self) -> bool:
        return self.last("RemainAfterExit", "no") in {"yes", "true", "on", "1"}

    @property
    def environment_files(self) -> tuple[EnvironmentFile, ...]:
        return tuple(
            EnvironmentFile(value.removeprefix("-"), value[:1] == "-") for value in self.values("EnvironmentFile")
        )

    @property
    def environment(self) -> dict[str, str]:
        """Give what ``Environment=`` sets; variables of files come after it and win."""
        words = (word for value in self.values("Environment") for word in split(value))
        return {name: value for name, _, value in (word.partition("=") for word in words)}


def variables(text: str) -> dict[str, str]:
    """Read a file of variables as ``EnvironmentFile=`` does (systemd.exec(5))."""
    found = {}
    for match in ASSIGNMENT.finditer(text):
        quoted = "".join(_unquoted(piece) for piece in QUOTED.finditer(match["quoted"]))
        found[match["name"]] = quoted + _plain(match["plain"].rstrip())
    return found


def split(text: str) -> list[str]:
    """Split text into words; quotes and escapes are resolved (systemd.syntax(7), "Quoting")."""
    words: list[str] = []
    begun, place = False, 0
    while place < len(text):
        match = PIECE.match(text, place)
        if match is None:
            raise ValueError(f"a quote of {text!r} is not closed, or it ends in a backslash")
        place = match.end()
        if match["space"] is not None:
            begun = False
            continue
        raw = next(match[kind] for kind in ("double", "single", "plain") if match[kind] is not None)
        words = [*words[:-1], words[-1] + _unescaped(raw)] if begun else [*words, _unescaped(raw)]
        begun = True
    return words


def _lines(text: str) -> Iterator[str]:
    """Give the lines that say something, continued ones as one; a comment may stand within a continued line."""
    begun = ""
    for raw in text.splitlines():
        line = raw.strip()
        if (not line and not begun) or line.startswith(("#", ";")):
            continue
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        yield (begun + line).strip()
        begun = ""
    if begun:
        yield begun.strip()


def _commands(value: str) -> Iterator[Command]:
    """Give the commands of one line, which a word ``;`` parts."""
    line = value.lstrip(PREFIXES)
    prefix = value[: len(value) - len(line)]
    words = [_specified(word) for word in split(line)]
    while words:
        end = words.index(";") if ";" in words else len(words)
        yield Command(tuple(words[:end]), "-" in prefix, ":" in prefix)
        words = words[end + 1 :]


def _specified(word: str) -> str:
    if "%" in word.replace("%%", ""):
        raise ValueError(f"{word!r} has a specifier, which is only known on the machine")
    return word.replace("%%", "%")


def _expanded(word: str, values: Mapping[str, str]) -> list[str]:
    if re.fullmatch(r"\$\w+", word):
        return values.get(word[1:], "").split()
    return [VARIABLE.sub(lambda match: "$" if match[1] is None else values.get(match[1], ""), word)]


def _unescaped(text: str) -> str:
    return ESCAPE.sub(lambda match: _character(match[1]), text)


def _character(code: str) -> str:
    if len(code) > 1:
        return chr(int(code, 8) if code[0] in "01234567" else int(code[1:], 16))
    if code in AS_THEY_ARE:
        return code
    if code not in LETTERS:
        raise ValueError(f"\\{code} is no escape that systemd knows")
    return LETTERS[code]


def _unquoted(match: re.Match[str]) -> str:
    if match["single"] is not None:
        return match["single"]
    return IN_DOUBLE.sub(lambda escape: "" if escape[1] == "\n" else escape[1], match["double"])


def _plain(text: str) -> str:
    return IN_PLAIN.sub(lambda escape: "" if escape[1] == "\n" else escape[1], text)
