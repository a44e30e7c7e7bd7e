# SPDX-License-Identifier: Apache-2.0
"""The labels that drivers understand (ours, beside Magnum's API)."""

from __future__ import annotations

from magnum_lite.api.current import deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import READER, Rule
from magnum_lite.api.v1.labels_views import LabelQuery, LabelsView
from magnum_lite.errors import InvalidField
from magnum_lite.model import label_table

GET_ALL = Rule("label:get_all", READER, "List the labels that drivers understand.")


@expose("GET /v1/labels", LabelsView, query=LabelQuery, rule=GET_ALL)
def list_(query: LabelQuery) -> LabelsView:
    """List every label of every driver with what it takes, and those of Magnum's that have no effect here."""
    known = {driver.name: driver.labels for driver in deps().drivers.list_()}
    wanted = query.to_driver()
    if wanted is not None and wanted not in known:
        raise InvalidField("driver", wanted, f"it takes one of {', '.join(known)}")
    return LabelsView.of(label_table.of({name: known[name] for name in known if wanted in (None, name)}))
