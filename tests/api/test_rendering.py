# SPDX-License-Identifier: Apache-2.0
"""Answers are rendered as WSME would render them, whatever the view, and never with a value of another type."""

from __future__ import annotations

import datetime
import decimal
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from wsme import types as wtypes
from wsme.rest import json as wsme_json

from magnum_lite.api import fields, node_fields
from magnum_lite.api.rendering import renderer
from magnum_lite.api.root import TABLE
from magnum_lite.api.v1.clusters_views import ClusterDetail
from magnum_lite.api.v1.link_views import Link

NOW = datetime.datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=datetime.UTC)
SAMPLES: dict[Any, Any] = {
    str: 'a "text" with ü',
    int: 7,
    float: 0.25,
    bool: True,
    bytes: b"ascii",
    decimal.Decimal: decimal.Decimal("1.50"),
    datetime.datetime: NOW,
    datetime.date: NOW.date(),
    datetime.time: NOW.time(),
}
KINDS: dict[type, Callable[[Any], Any]] = {
    fields.Anything: lambda _: {"any": [1, None]},
    fields.Text: lambda kind: "a" * kind.minimum,
    fields.Integer: lambda kind: kind.minimum,
    fields.Boolean: lambda _: True,
    fields.Choice: lambda kind: kind.words[0],
    fields.Addresses: lambda _: "127.0.0.1",
    fields.Labels: lambda _: {"name": "value"},
    node_fields.Texts: lambda _: {"name": "value"},
    node_fields.Taints: lambda _: [{"key": "gpu", "effect": "NoSchedule"}],
}
TEXTS = ("k8s", "/node_count", "5c7e1b7e-0000-4000-8000-000000000001")
"""Of these every pattern takes one."""


def views() -> list[Any]:
    """Every view that a route answers with or takes."""
    used = [view for route in TABLE.routes for view in (route.answer, route.body, route.query) if view is not None]
    alone = {view[0] if isinstance(view, list) else view for view in used}
    return sorted(filter(wtypes.iscomplex, alone), key=lambda view: view.__name__)


def sample(datatype: Any) -> Any:
    if wtypes.iscomplex(datatype):
        return datatype(**{one.key: sample(one.datatype) for one in wtypes.list_attributes(datatype)})
    if wtypes.isarray(datatype):
        return [sample(datatype.item_type), sample(datatype.item_type)]
    if wtypes.isdict(datatype):
        return {sample(datatype.key_type): sample(datatype.value_type)}
    if pattern := getattr(datatype, "pattern", None):
        return next(text for text in TEXTS if re.fullmatch(pattern, text))
    return KINDS[type(datatype)](datatype) if type(datatype) in KINDS else SAMPLES[datatype]


@pytest.mark.parametrize("view", views(), ids=lambda view: view.__name__)
def test_every_view_is_rendered_as_wsme_does_it(view: Any) -> None:
    keys = [one.key for one in wtypes.list_attributes(view)]
    values = [sample(view), view(**dict.fromkeys(keys)), view(), None]

    rendered = [json.dumps(renderer(view)(value)) for value in values]

    assert rendered == [json.dumps(wsme_json.tojson(view, value)) for value in values]
    assert len(json.loads(rendered[0])) == len(keys)


@pytest.mark.parametrize("datatype", SAMPLES, ids=lambda datatype: datatype.__name__)
def test_every_native_type_is_rendered_as_wsme_does_it(datatype: Any) -> None:
    values = [SAMPLES[datatype], None]

    assert [renderer(datatype)(one) for one in values] == [wsme_json.tojson(datatype, one) for one in values]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("links", [Link(), "a text"]), ("labels", {"name": 1}), ("labels", {1: "value"}), ("node_addresses", [None, 1])],
)
def test_a_value_of_another_type_is_never_answered(field: str, wrong: Any) -> None:
    view = ClusterDetail(**{field: type(wrong)()})
    # WSME looks only at what is set, not at what is put into it afterwards.
    held = getattr(view, field)
    held.update(wrong) if isinstance(held, dict) else held.extend(wrong)

    with pytest.raises(TypeError, match="an answer holds "):
        renderer(ClusterDetail)(view)


def test_another_view_is_never_answered() -> None:
    with pytest.raises(TypeError, match="where it should hold a ClusterDetail"):
        renderer(ClusterDetail)(Link())


def test_a_type_that_json_cannot_say_is_refused_before_there_is_a_value() -> None:
    with pytest.raises(TypeError, match="no answer can hold"):
        renderer(complex)
