# SPDX-License-Identifier: Apache-2.0
"""Pages of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from magnum_lite.errors import InvalidField
from magnum_lite.model import Base

T = TypeVar("T")

DIRECTIONS = ("asc", "desc")


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted: ``limit`` rows after the one that ``marker`` names by its UUID or id.

    ``filters`` gives the value that a column must have, by the column's name.
    """

    limit: int = 1000
    marker: str | int | None = None
    sort_key: str = "id"
    sort_dir: str = "asc"
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part(Generic[T]):
    """What a page holds, and whether there is more after it."""

    rows: list[T]
    has_more: bool

    @classmethod
    def of(cls, found: Sequence[T], page: Page) -> Part[T]:
        """Cut what a query of ``paged`` found to the page's limit."""
        return cls(list(found[: page.limit]), len(found) > page.limit)


def paged(query: sa.Select[Any], row: type[Base], page: Page, marker_row: Base | None) -> sa.Select[Any]:
    """Narrow a query to one page and the row after it, which tells whether there is more.

    Rows that are alike in the sort key are ordered by id. Raises ``InvalidField`` for an unknown sort key or direction.
    """
    column = _column(row, page.sort_key)
    if page.sort_dir not in DIRECTIONS:
        raise InvalidField("sort_dir", page.sort_dir, "it must be asc or desc")
    ascending = page.sort_dir == "asc"
    query = query.where(*(getattr(row, name) == value for name, value in page.filters.items()))
    if marker_row is not None:
        query = query.where(_after(row, column, getattr(marker_row, page.sort_key), marker_row.id, ascending))
    order = [column, row.id] if column is not row.id else [row.id]
    return query.order_by(*(part for one in order for part in _null_last(one, ascending))).limit(page.limit + 1)


def _column(row: type[Base], sort_key: str) -> InstrumentedAttribute[Any]:
    columns = {column.key for column in sa.inspect(row).column_attrs}
    comparable = sorted(key for key in columns if not isinstance(getattr(row, key).type, sa.JSON))
    if sort_key not in comparable:
        raise InvalidField("sort_key", sort_key, f"it must be one of {', '.join(comparable)}")
    column: InstrumentedAttribute[Any] = getattr(row, sort_key)
    return column


def _after(
    row: type[Base], column: InstrumentedAttribute[Any], value: Any, ident: int, ascending: bool
) -> sa.ColumnElement[bool]:
    beyond_id = row.id > ident if ascending else row.id < ident
    if column is row.id:
        return beyond_id
    if value is None:
        # Rows without a value come last in both directions, so only those with a higher place are left.
        return sa.and_(column.is_(None), beyond_id)
    # As a bound value also true and false can be compared by size.
    bound = sa.literal(value, column.type)
    beyond = column > bound if ascending else column < bound
    return sa.or_(beyond, column.is_(None), sa.and_(column == bound, beyond_id))


def _null_last(column: Any, ascending: bool) -> tuple[Any, ...]:
    directed = column.asc() if ascending else column.desc()
    if not column.property.columns[0].nullable:
        return (directed,)
    return sa.case((column.is_(None), 1), else_=0), directed
