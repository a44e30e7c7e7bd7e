# SPDX-License-Identifier: Apache-2.0
"""The page of the API in the documentation: everything that the OpenAPI document says is on it."""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.api.openapi.names import operation_id
from magnum_lite.api.root import TABLE
from magnum_lite.api.routes import Route
from tests.api.answers import the_document

EXTENSION = Path(__file__).parents[2] / "doc/source/_ext/api_reference.py"


@functools.cache
def _page() -> str:
    spec = importlib.util.spec_from_file_location("api_reference", EXTENSION)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines: list[str] = module.render(the_document())
    return "\n".join(lines)


def _part(route: Route) -> str:
    """Give what stands under the title of a route."""
    _, _, after = _page().partition(f".. _operation-{operation_id(route).lower()}:\n")
    return after.partition("\n.. _")[0]


def _indented(value: Any) -> str:
    return "\n".join(f"   {line}" for line in json.dumps(value, indent=2, ensure_ascii=False).splitlines())


@pytest.mark.parametrize("route", TABLE.routes, ids=operation_id)
def test_a_route_is_shown_with_all_that_it_takes_and_answers(route: Route) -> None:
    part = _part(route)
    operation = the_document()["paths"][route.path][route.method.lower()]
    own = [one["name"] for one in operation["parameters"] if "name" in one]
    examples = [
        content["application/json"]["example"]
        for content in (
            one.get("content", {}) for one in (operation.get("requestBody", {}), *operation["responses"].values())
        )
        if "example" in content.get("application/json", {})
    ]

    assert f"\n{route.method} {route.path}\n~" in part
    assert [name for name in own if f"``{name}``" not in part] == []
    assert [status for status in operation["responses"] if f"   * - {status}\n" not in part] == []
    assert [one for one in examples if _indented(one) not in part] == []


def test_every_field_is_shown_with_its_bounds() -> None:
    part = _part(next(route for route in TABLE.routes if operation_id(route) == "clusters-create"))

    assert "   * - ``node_count``\n     - whole number from 0 to 5000\n     - ``1``\n     - Number of nodes" in part
    assert "   * - ``cluster_template_id``\n     - text of 1 to 255 characters\n     - mandatory\n" in part


@pytest.mark.parametrize("name", the_document()["components"]["schemas"])
def test_every_shape_is_shown_with_its_fields(name: str) -> None:
    _, _, after = _page().partition(f".. _shape-{name.lower()}:\n")
    part = after.partition("\n.. _")[0]
    fields = the_document()["components"]["schemas"][name]["properties"]

    assert [field for field in fields if f"   * - ``{field}``\n" not in part] == []
