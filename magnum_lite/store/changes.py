# SPDX-License-Identifier: Apache-2.0
"""Writing rows that were changed outside any session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from magnum_lite.model import Base


def write(session: Session, rows: Iterable[Base]) -> None:
    """Write the columns that were changed since the rows were read: one statement per set of columns and table.

    A column that was not touched is left as the database has it now. The rows stay outside the session, so that a
    transaction that has to be made anew writes the same again; call ``forget`` once it is committed.
    """
    batches: dict[tuple[type[Base], tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        names = _changed(row)
        if names:
            values = {name: getattr(row, name) for name in names}
            batches[(type(row), names)].append({"id": row.id, **values})
    for (kind, _), values_of_rows in batches.items():
        session.execute(sa.update(kind), values_of_rows)


def are_pending(rows: Iterable[Base]) -> bool:
    """Say whether there is anything to write."""
    return any(_changed(row) for row in rows)


def forget(rows: Sequence[Base]) -> None:
    """Take what the rows hold now as what the database holds."""
    for row in rows:
        for name in _changed(row):
            set_committed_value(row, name, getattr(row, name))


def _changed(row: Base) -> tuple[str, ...]:
    state = sa.inspect(row)
    columns = state.mapper.column_attrs.keys()
    return tuple(sorted(name for name in columns if state.attrs[name].history.has_changes()))
