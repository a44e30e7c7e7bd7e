# SPDX-License-Identifier: Apache-2.0
"""Names of images, such as ``quay.io/calico/node:v3.32.1@sha256:...``, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_WORD = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?:(?P<registry>localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(?P<port>:[0-9]{{1,5}})?/)?"
    rf"(?P<repository>{_WORD}(?:/{_WORD})*):(?P<tag>[\w][\w.-]{{0,127}})(?:@(?P<digest>sha256:[0-9a-f]{{64}}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class ImageName:
    """An image: ``registry`` is a host with its port, or empty where the name has none; so is ``digest``."""

    registry: str
    repository: str
    tag: str
    digest: str = ""

    @classmethod
    def find(cls, text: str) -> Self | None:
        """Take ``name:tag`` or ``name:tag@sha256:...`` apart, or give ``None`` for anything else."""
        match = _NAME.fullmatch(text)
        if match is None:
            return None
        registry = f"{match['registry'] or ''}{match['port'] or ''}"
        return cls(registry, match["repository"], match["tag"], match["digest"] or "")

    @property
    def name(self) -> str:
        """The name without tag and digest."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    def __str__(self) -> str:
        return f"{self.name}:{self.tag}" + (f"@{self.digest}" if self.digest else "")


def is_pinned(text: str) -> bool:
    """Say whether a text names registry, path, tag and digest of an image."""
    found = ImageName.find(text)
    return found is not None and bool(found.registry and found.digest)
