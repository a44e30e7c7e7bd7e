# SPDX-License-Identifier: Apache-2.0
"""Links from an item to itself."""

from __future__ import annotations

from typing import Self

from wsme import types as wtypes

from magnum_lite.api import current


class Link(wtypes.Base):  # type: ignore[misc]
    href = str
    rel = str
    type = str

    @classmethod
    def to_self(cls, path: str) -> list[Self]:
        """Give the two links of the resource at a path below ``/v1/``."""
        url = current.application_url()
        return [cls(href=f"{url}/v1/{path}", rel="self"), cls(href=f"{url}/{path}", rel="bookmark")]
