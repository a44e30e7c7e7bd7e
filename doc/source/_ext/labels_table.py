# SPDX-License-Identifier: Apache-2.0
"""The directive ``labels-table``: every label of every driver, as ``magnum-lite-manage labels`` prints them."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from magnum_lite import conf as configuration
from magnum_lite.cmd import labels


class LabelsTable(SphinxDirective):
    """Writes the table where it stands."""

    def run(self) -> list[nodes.Node]:
        # The labels stand in code that Sphinx does not watch.
        self.env.note_reread()
        written = labels.rst(labels.table(configuration.new([], [])))
        self.content = StringList(written.splitlines(), source="magnum-lite-manage labels")
        return self.parse_content_to_nodes()


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("labels-table", LabelsTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
