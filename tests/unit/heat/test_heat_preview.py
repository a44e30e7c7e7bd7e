# SPDX-License-Identifier: Apache-2.0
"""User data can be worked out without Heat; what only Heat learns says so."""

import json
from typing import Any

from magnum_lite.heat import preview


def server(tree: object) -> str:
    user_data = {"str_replace": {"template": "$ignition", "params": {"$ignition": tree}}}
    return json.dumps(
        {
            "conditions": {
                "big": {"not": {"equals": [{"get_param": ["settings", "size"]}, 0]}},
                "small": {"equals": [{"get_param": ["settings", "size"]}, 0]},
            },
            "resources": {"server": {"type": "OS::Nova::Server", "properties": {"user_data": user_data}}},
        }
    )


def test_functions_are_worked_out() -> None:
    tree: dict[str, Any] = {
        "joined": {"list_join": ["-", ["a", {"get_param": ["settings", "name"]}]]},
        "all": {"list_concat": [[1], {"if": ["big", [2], []]}, {"if": ["small", [3], []]}]},
    }

    found = preview.user_data(server(tree), {"settings": {"name": "b", "size": 5}})

    assert found == {"joined": "a-b", "all": [1, 2]}


def test_what_only_heat_learns_is_a_placeholder() -> None:
    tree = {"id": {"get_resource": "volume"}, "token": {"get_param": "signal_token"}}

    found = preview.user_data(server(tree), {})

    assert found == {"id": "PLACEHOLDER-ID-of-volume", "token": "PLACEHOLDER-signal_token"}


def test_a_template_without_a_server_has_no_user_data() -> None:
    assert preview.user_data(json.dumps({"resources": {}}), {}) is None
