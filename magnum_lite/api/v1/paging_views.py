# SPDX-License-Identifier: Apache-2.0
"""Which part of a list a query asks for, and the link to the next part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from wsme import types as wtypes

from magnum_lite.api import current, wire
from magnum_lite.api.fields import Integer, Text
from magnum_lite.store.paging import Page, Part

PAGE = ("limit", "marker", "sort_key", "sort_dir")


class PageQuery(wtypes.Base):  # type: ignore[misc]
    """``limit`` (``[api] max_limit`` at most), ``marker`` (UUID of the last item seen), ``sort_key``, ``sort_dir``."""

    limit = wtypes.wsattr(Integer(1))
    marker = wtypes.wsattr(Text())
    sort_key = wtypes.wsattr(Text())
    sort_dir = wtypes.wsattr(Text())

    def to_page(self) -> Page:
        """Give the part that is asked for; whatever else a list's own query has are its filters."""
        most = current.deps().conf.api.max_limit
        asked: dict[str, Any] = wire.given(self)
        cut = {name: asked.pop(name) for name in PAGE if name in asked}
        return Page(**{**cut, "limit": min(cut.get("limit", most), most)}, filters=asked)


def next_link(
    path: str, page: Page, part: Part[Any], *, marked_by: str = "uuid", also: Mapping[str, object] | None = None
) -> str | Any:
    """Give the URL of the following part, or ``Unset`` when nothing follows.

    It keeps the page's filters and what is ``also`` asked; ``marked_by`` names the attribute that markers are.
    """
    if not part.has_more:
        return wtypes.Unset
    query: Mapping[str, object] = {
        "sort_key": page.sort_key,
        "sort_dir": page.sort_dir,
        "limit": page.limit,
        "marker": getattr(part.rows[-1], marked_by),
        **page.filters,
        **(also or {}),
    }
    return f"{current.application_url()}/v1/{path}?{urlencode(query)}"
