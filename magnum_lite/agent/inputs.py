# SPDX-License-Identifier: Apache-2.0
"""Which of a node's files a unit reads, so that a change of one restarts that unit and no other; no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping

PATH = re.compile(r"/[\w.@+/-]+")


def read_by(content: str, files: Mapping[str, str]) -> frozenset[str]:
    """Give the paths, of ``files`` (path to text), that a unit with this content reads.

    A file counts when its path or a folder it lies in is mentioned by the unit or by another file that counts; a
    folder directly below / (``/etc``) says too little and does not.
    """
    found: set[str] = set()
    texts = [content]
    while texts:
        mentioned = _mentioned(texts.pop())
        fresh = {path for path in files if path not in found and _is_within(path, mentioned)}
        found |= fresh
        texts.extend(files[path] for path in fresh)
    return frozenset(found)


def _mentioned(text: str) -> frozenset[str]:
    return frozenset(match.rstrip("/.") for match in PATH.findall(text))


def _is_within(path: str, mentioned: frozenset[str]) -> bool:
    parts = path.split("/")
    return path in mentioned or any("/".join(parts[:depth]) in mentioned for depth in range(3, len(parts)))
