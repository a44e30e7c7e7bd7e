# SPDX-License-Identifier: Apache-2.0
"""HOT files: read from disk, members put in by structure, never by text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def render(tree: object) -> str:
    """Give a template's text for Heat: compact JSON, which is YAML too."""
    return json.dumps(tree, separators=(",", ":"))
