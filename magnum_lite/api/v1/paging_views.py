# SPDX-License-Identifier: Apache-2.0
"""Which part of a list a query asks for, and the link to the next part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from wsme import types as wtypes

from magnum_lite.api import current, wire
from magnum_lite.api.fields import Integer, Text
from magnum_lite.store.paging import Page

PAGE = ("limit", "marker", "sort_key", "sort_dir")


class PageQuery(wtypes.Base):  # type: ignore[misc]
    """``limit`` (``[api] max_limit`` at most), ``marker`` (UUID of the last item seen), ``sort_key``, ``sort_dir``."""

    limit = wtypes.wsattr(Integer(1))
    marker = wtypes.wsattr(Text())
    sort_key = wtypes.wsattr(Text())
    sort_dir = wtypes.wsattr(Text())

    def to_page(self) -> Page:
        """Give the part that is asked for; whatever else a list's own query has is no part of it."""
        most = current.deps().conf.api.max_limit
        asked: dict[str, Any] = wire.given(self)
        cut = {name: asked[name] for name in PAGE if name in asked}
        return Page(**{**cut, "limit": min(cut.get("limit", most), most)})


class Identified(Protocol):
    @property
    def uuid(self) -> Any: ...


def next_link(path: str, page: Page, rows: Sequence[Identified]) -> str | Any:
    """Give the URL of the following part, or ``Unset`` when this part is not full."""
    if len(rows) < page.limit:
        return wtypes.Unset
    query: Mapping[str, object] = {
        "sort_key": page.sort_key,
        "sort_dir": page.sort_dir,
        "limit": page.limit,
        "marker": rows[-1].uuid,
    }
    return f"{current.application_url()}/v1/{path}?{urlencode(query)}"
