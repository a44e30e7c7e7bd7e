# SPDX-License-Identifier: Apache-2.0
"""The services' configuration: the files of etc/, filled with where this cloud is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from layout import HERE, Layout

_NAME = re.compile(r"\$\{([a-z_]+)\}")


def write(layout: Layout) -> bool:
    """Write every file that is not yet as it should be; say whether any was changed."""
    values, source = layout.values(), HERE / "etc"
    changes = [
        _write_one(path, layout.folder / "etc" / path.relative_to(source), values)
        for path in sorted(source.rglob("*"))
        if path.is_file()
    ]
    return any(changes)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values where their names are; raise ``KeyError`` for a name that there is no value for."""
    return _NAME.sub(lambda found: values[found[1]], text)


def _write_one(source: Path, target: Path, values: Mapping[str, str]) -> bool:
    text = filled(source.read_text(), values)
    if target.exists() and target.read_text() == text:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return True
