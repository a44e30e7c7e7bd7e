# SPDX-License-Identifier: Apache-2.0
"""Which of a node's files a unit reads, so that a change of one restarts that unit and no other; no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping

PATH = re.compile(r"/[\w.@+/-]+")


def read_by(content: str, files: Mapping[str, str]) -> frozenset[str]:
    """Give the paths, of ``files`` (path to text), that a unit with this content reads.

    A file counts when its path is mentioned by the unit or by another file that counts. A mentioned folder stands for
    all files in it when none of them is mentioned by name: a container is often given a folder of which it reads two
    files. A folder directly below / (``/etc``) says too little.
    """
    found: set[str] = set()
    texts = [content]
    while texts:
        fresh = _named(texts.pop(), files) - found
        found |= fresh
        texts.extend(files[path] for path in fresh)
    return frozenset(found)


def _named(text: str, files: Mapping[str, str]) -> set[str]:
    mentioned = {match.rstrip("/.") for match in PATH.findall(text)}
    named = mentioned & files.keys()
    detailed = {folder for path in named for folder in _folders(path)}
    whole = mentioned - detailed
    return named | {path for path in files if whole.intersection(_folders(path))}


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(3, len(parts))]
