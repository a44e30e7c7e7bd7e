# SPDX-License-Identifier: Apache-2.0
"""Members are put into templates by structure, so no name can change what a template says."""

import json
from pathlib import Path

import pytest

from magnum_lite.heat import template


def test_a_mark_as_a_key_is_repeated_for_each_name() -> None:
    tree = {"resources": {"$index": {"type": "x.yaml", "properties": {"node": {"get_param": ["nodes", "$index"]}}}}}

    found = template.put_members(tree, {"$index": ["0", "7"]})

    assert found == {
        "resources": {
            "0": {"type": "x.yaml", "properties": {"node": {"get_param": ["nodes", "0"]}}},
            "7": {"type": "x.yaml", "properties": {"node": {"get_param": ["nodes", "7"]}}},
        }
    }


def test_a_mark_without_names_leaves_nothing_behind() -> None:
    assert template.put_members({"$other": {"a": "$other"}, "b": 1}, {"$other": []}) == {"b": 1}


def test_a_mark_with_one_name_stands_for_it_anywhere() -> None:
    tree = {"outputs": {"first": {"get_attr": ["$first", "address"]}, "text": "not $first in here"}}

    found = template.put_members(tree, {"$first": ["3"]})

    assert found == {"outputs": {"first": {"get_attr": ["3", "address"]}, "text": "not $first in here"}}


def test_a_name_is_data_and_never_syntax() -> None:
    name = '"}: $(rm) `x`\n$index'

    found = template.put_members({"$index": {"is": "$index"}}, {"$index": [name]})

    assert json.loads(template.render(found)) == {name: {"is": name}}


def test_a_folder_is_loaded_by_file_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text('heat_template_version: "2018-08-31"\n')
    (tmp_path / "b.txt").write_text("not a template")

    assert template.load(tmp_path) == {"a.yaml": {"heat_template_version": "2018-08-31"}}


CONDITIONS = {"has_zone": {"not": {"equals": [{"get_param": ["settings", "zone"]}, ""]}}}


@pytest.mark.parametrize(
    ("zone", "condition", "found"),
    [
        ("az1", "has_zone", {"zone": {"get_param": ["settings", "zone"]}}),
        ("", "has_zone", {}),
        ("", {"not": "has_zone"}, {"zone": {"get_param": ["settings", "zone"]}}),
    ],
)
def test_what_an_if_without_else_stands_for_is_there_or_is_left_out(
    zone: str, condition: object, found: dict[str, object]
) -> None:
    properties = {"zone": {"if": [condition, {"get_param": ["settings", "zone"]}]}}
    tree = {"conditions": CONDITIONS, "resources": {"a": {"properties": properties}}}

    settled = template.settle(tree, {"settings": {"zone": zone}})
    assert settled == {"conditions": CONDITIONS, "resources": {"a": {"properties": found}}}


def test_an_if_with_an_else_is_for_heat_to_decide() -> None:
    tree = {"outputs": {"a": {"value": {"if": ["anything", 1, None]}}}}

    assert template.settle(tree, {}) == tree


def test_what_cannot_be_decided_here_is_told() -> None:
    tree = {"a": {"if": [{"or": ["b", "c"]}, 1]}}

    with pytest.raises(ValueError, match="or is no condition that can be decided here"):
        template.settle(tree, {})
