# SPDX-License-Identifier: Apache-2.0
"""Finding the one thing that a request means by an ID or a name."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Sequence
from typing import TypeVar

from magnum_lite.errors import InvalidField

T = TypeVar("T")

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


def is_uuid(ident: str) -> bool:
    """Tell whether a text has the form of the IDs most services give."""
    return _UUID.fullmatch(ident) is not None


def is_path_segment(text: str) -> bool:
    """Tell whether a text, once quoted, names something below a path."""
    # Nothing, "." and ".." would make the path of another resource.
    return text.strip(".") != ""


def quoted(segment: str) -> str:
    return urllib.parse.quote(segment, safe="")


def look_up(ident: str, list_by: Callable[[str, str], Sequence[T]]) -> Sequence[T]:
    """List what has this ID or, else, this name: one call of ``list_by`` ("id" or "name", the text), seldom two."""
    if is_uuid(ident):
        found = list_by("id", ident)
        if found:
            return found
    return list_by("name", ident)


def only(found: Sequence[T], field: str, ident: str, kind: str) -> T:
    """Give the only one that was found; raise ``InvalidField`` when there is none, or more than one."""
    if not found or not ident:
        raise InvalidField(field, ident, f"it must be the ID or the name of {kind} that you may use; there is none")
    if len(found) > 1:
        raise InvalidField(field, ident, f"{len(found)} things of this kind have that name; give the ID instead")
    return found[0]
