# SPDX-License-Identifier: Apache-2.0
"""HOT files: read from disk, members put in by structure, never by text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import yaml


def load(folder: Path) -> dict[str, object]:
    """Give every template of a folder, parsed, by file name."""
    return {path.name: yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yaml"))}


def put_members(tree: object, members: Mapping[str, Sequence[str]]) -> object:
    """Repeat what stands under a mark once for each of its members.

    ``members`` maps a mark such as ``$index`` to names. A mapping's key that is a mark is replaced by the names; in
    what stands below it each text equal to the mark becomes the name. A mark without names leaves nothing behind;
    one with a single name stands for that name anywhere.
    """
    if isinstance(tree, list):
        return [put_members(one, members) for one in tree]
    if isinstance(tree, str) and len(members.get(tree, ())) == 1:
        return members[tree][0]
    if not isinstance(tree, dict):
        return tree
    found: dict[str, object] = {}
    for key, value in tree.items():
        if key in members:
            found.update((name, put_members(_named(value, key, name), members)) for name in members[key])
        else:
            found[key] = put_members(value, members)
    return found


def _named(tree: object, mark: str, name: str) -> object:
    if isinstance(tree, dict):
        return {key: _named(value, mark, name) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_named(one, mark, name) for one in tree]
    return name if tree == mark else tree


def settle(tree: object, parameters: Mapping[str, object]) -> object:
    """Decide each ``if`` that has no ``else``: leave out what it stands for where its condition is false.

    Heat has no other way to leave a property out, and its engine without convergence fails at an update of a stack
    that has such an ``if``. The conditions may be about parameters that are given here, in words of ``not`` and
    ``equals``.
    """
    conditions = tree.get("conditions", {}) if isinstance(tree, dict) else {}
    return _settled(tree, lambda condition: _holds(condition, conditions, parameters))


def _settled(tree: object, holds: Callable[[object], bool]) -> object:
    if isinstance(tree, list):
        return [_settled(one, holds) for one in tree]
    if not isinstance(tree, dict):
        return tree
    found = {}
    for key, value in tree.items():
        condition, chosen = _without_else(value)
        if condition is None:
            found[key] = _settled(value, holds)
        elif holds(condition):
            found[key] = _settled(chosen, holds)
    return found


def _without_else(value: object) -> tuple[object, object]:
    """Give the condition of such an ``if`` and what is taken when it holds, or ``None`` for anything else."""
    parts = value.get("if") if isinstance(value, dict) else None
    return (parts[0], parts[1]) if isinstance(parts, list) and len(parts) == 2 else (None, None)


def _holds(condition: object, conditions: Mapping[str, object], parameters: Mapping[str, object]) -> bool:
    if isinstance(condition, str):
        return _holds(conditions[condition], conditions, parameters)
    if not isinstance(condition, dict) or len(condition) != 1:
        raise ValueError(f"{condition!r} is no condition that can be decided here")
    ((word, about),) = condition.items()
    if word == "not":
        return not _holds(about, conditions, parameters)
    if word != "equals":
        raise ValueError(f"{word} is no condition that can be decided here")
    one, other = (_value(operand, parameters) for operand in about)
    return one == other


def _value(operand: object, parameters: Mapping[str, object]) -> object:
    if not isinstance(operand, dict):
        return operand
    name, *path = operand["get_param"]
    found = parameters[name]
    for step in path:
        found = cast("Mapping[str, object]", found)[step]
    return found


def render(tree: object) -> str:
    """Give a template's text for Heat: compact JSON, which is YAML too."""
    return json.dumps(tree, separators=(",", ":"))
