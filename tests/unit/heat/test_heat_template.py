# SPDX-License-Identifier: Apache-2.0
"""Members are put into templates by structure, so no name can change what a template says."""

import json
from pathlib import Path

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
