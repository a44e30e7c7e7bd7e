# SPDX-License-Identifier: Apache-2.0
"""Which logs there are to be sent."""

from __future__ import annotations

import re

from magnum_lite.model.labels import Kind

SOURCES = ("containers", "journal", "audit")


def sources() -> Kind[tuple[str, ...]]:
    """Take some of the sources, separated by commas or blanks; in the order of ``SOURCES``, each once."""

    def read(given: str) -> tuple[str, ...]:
        words = [word.lower() for word in re.split(r"[,;\s]+", given) if word]
        if not words or not set(words) <= set(SOURCES):
            raise ValueError(given)
        return tuple(source for source in SOURCES if source in words)

    return Kind("log sources", f"some of {', '.join(SOURCES)}, separated by commas or blanks", read)
