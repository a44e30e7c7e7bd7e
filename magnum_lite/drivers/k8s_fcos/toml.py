# SPDX-License-Identifier: Apache-2.0
"""Files in TOML (its version 1.0): written from values, so that no text in them can become anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

BARE = re.compile(r"[A-Za-z0-9_-]+")
Tables = Sequence[Mapping[str, object]]


def render(tree: Mapping[str, object]) -> str:
    """Give the text of a tree of mappings, lists of mappings, texts, whole numbers, booleans and lists of these.

    Raises ``ValueError`` for a text that UTF-8 cannot hold.
    """
    return "".join(_lines(tree, ())).lstrip("\n")


def _lines(tree: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    for key, value in tree.items():
        if not isinstance(value, Mapping) and not _is_tables(value):
            yield f"{_key(key)} = {_value(value)}\n"
    for key, value in tree.items():
        below = (*path, key)
        if isinstance(value, Mapping):
            yield f"\n[{_name(below)}]\n"
            yield from _lines(value, below)
        elif _is_tables(value):
            yield from _tables(value, below)


def _tables(tables: object, path: tuple[str, ...]) -> Iterator[str]:
    for one in tables if isinstance(tables, Sequence) else ():
        yield f"\n[[{_name(path)}]]\n"
        yield from _lines(one, path)


def _is_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _name(path: tuple[str, ...]) -> str:
    return ".".join(map(_key, path))


def _key(text: str) -> str:
    return text if BARE.fullmatch(text) else _text(text)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"TOML has no {type(value).__name__}")


def _text(text: str) -> str:
    """Write a basic string: a JSON string is one, once DEL is escaped and nothing else that JSON would."""
    text.encode()
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
