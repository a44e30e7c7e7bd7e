# SPDX-License-Identifier: Apache-2.0
"""HOT's intrinsic functions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnum_lite.pocketcloud.errors import CloudFault
from tests.unit.pocketcloud_heat.heat import resolve

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "z"]), inner, min_size=2),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        ({"get_param": "word"}, "hello"),
        ({"get_param": ["tree", "list", 1, "leaf"]}, "green"),
        ({"get_param": ["tree", "nothing", "here"]}, None),
        ({"get_file": "motd"}, "welcome\n"),
        ({"str_replace": {"template": "say $w", "params": {"$w": {"get_param": "word"}}}}, "say hello"),
        ({"str_replace": {"template": "$m $l", "params": {"$m": {"a": 1}, "$l": [1, "b"]}}}, '{"a": 1} [1, "b"]'),
        ({"str_replace": {"template": "$name$nam", "params": {"$nam": "short", "$name": "long"}}}, "longshort"),
        ({"str_replace": {"template": "a b", "params": {"a": "b", "b": "c"}}}, "b c"),
        ({"str_replace": {"template": "<$x>", "params": {"$x": None}}}, "<>"),
        ({"str_replace_strict": {"template": "a", "params": {"a": 1}}}, "1"),
        ({"list_join": [",", ["a", 1, True], [{"k": "v"}], None]}, 'a,1,True,{"k": "v"}'),
        ({"list_concat": [[1], None, [1, 2]]}, [1, 1, 2]),
        ({"list_concat_unique": [[1, 1], [{"a": 1}, 2], [{"a": 1}]]}, [1, {"a": 1}, 2]),
        ({"map_merge": [{"a": 1, "b": 1}, None, {"b": 2}]}, {"a": 1, "b": 2}),
        ({"map_replace": [{"a": "x", "b": "y"}, {"keys": {"a": "c"}, "values": {"y": "z"}}]}, {"c": "x", "b": "z"}),
        ({"str_split": [",", "a,b,c"]}, ["a", "b", "c"]),
        ({"str_split": [",", "a,b,c", 1]}, "b"),
        ({"digest": ["sha256", "x"]}, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
        ({"filter": [["a"], ["a", "b", "a", "c"]]}, ["b", "c"]),
        ({"contains": ["a", {"get_param": ["tree", "names"]}]}, True),
        ({"equals": [{"get_param": "word"}, "hello"]}, True),
        ({"not": {"equals": [1, 2]}}, True),
        ({"and": [{"equals": [1, 1]}, {"equals": [1, 2]}]}, False),
        ({"or": [{"equals": [1, 1]}, {"equals": [1, 2]}]}, True),
        ({"if": [{"equals": [1, 2]}, "yes", {"get_param": "word"}]}, "hello"),
        ({"if": [{"equals": [1, 2]}, "yes"]}, None),
        (
            {"make_url": {"scheme": "https", "host": "127.0.0.1", "port": 6443, "path": "v3", "query": {"a": "b"}}},
            "https://127.0.0.1:6443/v3?a=b",
        ),
        ({"make_url": {"scheme": "http", "host": "::1", "username": "me"}}, "http://me@[::1]"),
        ({"two": "keys", "get_param": "is data"}, {"two": "keys", "get_param": "is data"}),
    ],
)
def test_a_function_yields_its_value(snippet: Any, expected: Any) -> None:
    tree = {"list": [{}, {"leaf": "green"}], "names": ["a"]}

    assert resolve(snippet, word="hello", tree=tree) == expected


def test_repeat_takes_all_combinations() -> None:
    repeat = {"template": {"port": "%p", "net": "<%n>"}, "for_each": {"%p": ["1", "2"], "%n": ["a"]}}

    assert resolve({"repeat": repeat}) == [{"port": "1", "net": "<a>"}, {"port": "2", "net": "<a>"}]


def test_repeat_without_permutations_goes_item_by_item() -> None:
    repeat = {"template": "%a%b", "for_each": {"%a": ["x", "y"], "%b": ["1", "2"]}, "permutations": False}

    assert resolve({"repeat": repeat}) == ["x1", "y2"]


@pytest.mark.parametrize(
    ("snippet", "said"),
    [
        ({"get_param": "missing"}, "The Parameter (missing) was not provided."),
        ({"get_file": "missing"}, 'No content found in the "files" section for get_file path: missing'),
        ({"str_replace": "text"}, 'The "str_replace" function syntax'),
        ({"str_replace": {"template": ["no"], "params": {}}}, "template must be a string"),
        ({"str_replace_strict": {"template": "a", "params": {"z": 1}}}, "not found in the template: z"),
        ({"str_replace_vstrict": {"template": "a", "params": {"a": ""}}}, "empty value for param a"),
        ({"list_join": ","}, 'Incorrect arguments to "list_join"'),
        ({"list_join": [",", "text"]}, "Items to join must be a list"),
        ({"digest": ["md17", "x"]}, "Algorithm must be one of"),
        ({"str_split": [",", "a,b", 7]}, "should be between 0 and 1"),
        ({"map_merge": [["no map"]]}, 'Incorrect arguments to "map_merge"'),
        ({"map_replace": [{"a": 1, "b": 2}, {"keys": {"a": "b"}}]}, "collides"),
        ({"if": ["unknown", 1, 2]}, 'Invalid condition "unknown"'),
        ({"if": [1]}, 'Arguments to "if" must be of the form'),
        ({"and": [True]}, "at least two conditions"),
        ({"repeat": {"template": "x", "for_each": {"x": "text"}}}, "must contain a map of lists"),
        ({"repeat": {"template": "x", "for_each": {"x": [1]}}}, "argument 2 must be str, not int"),
        ({"get_resource": "missing"}, 'The specified reference "missing"'),
    ],
)
def test_a_wrong_call_is_refused_with_its_reason(snippet: Any, said: str) -> None:
    with pytest.raises(CloudFault) as raised:
        resolve(snippet)

    assert raised.value.status == 400
    assert said in raised.value.message


def test_an_old_version_takes_a_newer_function_for_data() -> None:
    snippet = {"list_concat": [[1], [2]]}

    assert resolve(snippet, version="2013-05-23") == snippet


@given(st.dictionaries(st.characters(), st.text()))
def test_str_replace_never_replaces_what_it_put_in(params: dict[str, str]) -> None:
    replaced = resolve({"str_replace": {"template": "".join(params), "params": params}})

    assert replaced == "".join(params.values())


@given(st.lists(st.text(alphabet="abc"), min_size=1))
def test_split_undoes_join(words: list[str]) -> None:
    joined = resolve({"list_join": [",", words]})

    assert resolve({"str_split": [",", joined]}) == words


@given(JSON)
def test_what_calls_no_function_is_left_as_it_is(value: Any) -> None:
    assert resolve(value) == value
