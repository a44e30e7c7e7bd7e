# SPDX-License-Identifier: Apache-2.0
"""The table of labels, printed as plain text, as JSON, or as reStructuredText for the documentation."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator

from oslo_config import cfg

from magnum_lite.drivers.registry import Registry
from magnum_lite.errors import NotFound
from magnum_lite.model import label_table
from magnum_lite.model.label_table import Row, Table

DEPENDS = "depends on other settings"
COLUMNS = ("Label", "Type", "Default", "Takes", "Meaning")
# Where docutils would see markup.
MARKUP = re.compile(r"([\\*_`|@])")


def table(conf: cfg.ConfigOpts, driver: str | None = None) -> Table:
    """Give the labels of every driver, or of one; raise ``NotFound`` for a driver that is not installed."""
    found = {one.name: one.labels for one in Registry.from_conf(conf).list_()}
    if driver is not None and driver not in found:
        raise NotFound("Driver", f"{driver} (there are {', '.join(found)})")
    return label_table.of({name: labels for name, labels in found.items() if driver in (None, name)})


def text(labels: Table) -> str:
    """Write two lines per label, then the names of those that Magnum knew."""
    return "\n".join([*_text_lines(labels), ""])


def as_json(labels: Table) -> str:
    """Write what ``GET /v1/labels`` answers."""
    body = {
        "labels": [dataclasses.asdict(row) for row in labels.rows],
        "known_upstream": [dataclasses.asdict(one) for one in labels.known_upstream],
    }
    return json.dumps(body, indent=1) + "\n"


def rst(labels: Table) -> str:
    """Write a table per driver, then the names of those that Magnum knew."""
    return "\n".join([*_rst_lines(labels), ""])


FORMATS = {"text": text, "json": as_json, "rst": rst}


def _text_lines(labels: Table) -> Iterator[str]:
    for row in labels.rows:
        yield f"{row.driver} {row.name}: {row.help}"
        yield f"    {row.type}, takes {row.takes}; default: {_default(row)}"
    if labels.known_upstream:
        yield f"Known to Magnum and without effect here: {_names(labels)}"


def _rst_lines(labels: Table) -> Iterator[str]:
    for driver in dict.fromkeys(row.driver for row in labels.rows):
        yield from _rst_table(driver, [row for row in labels.rows if row.driver == driver])
    if labels.known_upstream:
        yield "These are known to Magnum and have no effect here: " + ", ".join(
            f"``{one.name}``" for one in labels.known_upstream
        )


def _rst_table(driver: str, rows: list[Row]) -> Iterator[str]:
    yield f".. list-table:: Labels of the driver {_plain(driver)}"
    yield "   :header-rows: 1"
    yield ""
    for row in [COLUMNS, *map(_rst_cells, rows)]:
        for number, cell in enumerate(row):
            yield f"   {'  ' if number else '* '}- {cell}"
    yield ""


def _rst_cells(row: Row) -> tuple[str, ...]:
    default = f"``{row.default}``" if row.default else _plain(_default(row))
    return f"``{row.name}``", _plain(row.type), default, _plain(row.takes), _plain(row.help)


def _default(row: Row) -> str:
    return DEPENDS if row.default is None else row.default or "nothing"


def _names(labels: Table) -> str:
    return ", ".join(one.name for one in labels.known_upstream)


def _plain(words: str) -> str:
    return MARKUP.sub(r"\\\1", words)
