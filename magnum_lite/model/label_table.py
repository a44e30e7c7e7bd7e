# SPDX-License-Identifier: Apache-2.0
"""The table of all labels, as clients and documentation are told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from magnum_lite.model.labels import Labels, UnknownLabel
from magnum_lite.model.upstream_labels import UPSTREAM_LABELS


@dataclass(frozen=True)
class Row:
    """One label of one driver; ``default`` is as a user would write it, ``None`` where it depends on others."""

    driver: str
    name: str
    type: str
    default: str | None
    takes: str
    help: str


@dataclass(frozen=True)
class Ineffective:
    """A label that Magnum knew and no driver here does, with the sentence a user of it is told."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Table:
    rows: tuple[Row, ...]
    known_upstream: tuple[Ineffective, ...]


def of(drivers: Mapping[str, Labels]) -> Table:
    """Give the table for some drivers' labels, in their order; Magnum's other labels are ordered by name."""
    rows = tuple(
        Row(driver, one.name, one.kind, text_of(one.default), one.takes, one.help)
        for driver, labels in drivers.items()
        for one in labels.describe()
    )
    without_effect = sorted(UPSTREAM_LABELS - {row.name for row in rows})
    return Table(
        rows, tuple(Ineffective(name, UnknownLabel(name, None, upstream=True).sentence()) for name in without_effect)
    )


def text_of(default: object) -> str | None:
    """Write a default as the text of a label that means it."""
    if default is None:
        return None
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return str(default)
