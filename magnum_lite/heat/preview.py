# SPDX-License-Identifier: Apache-2.0
"""What a template will give a server as user data, worked out without Heat.

What only Heat learns (IDs, tokens) is shown as a placeholder that says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

SERVER = "OS::Nova::Server"

Tree = Mapping[str, object]


def user_data(text: str, parameters: Tree) -> dict[str, object] | None:
    """Give the user data of the template's server, parsed, or ``None`` when it has no server."""
    template: Tree = json.loads(text)
    resources = cast("Mapping[str, Tree]", template.get("resources", {}))
    server = next((one for one in resources.values() if one["type"] == SERVER), None)
    if server is None:
        return None
    properties = cast(Tree, server["properties"])
    replaced = cast(Tree, cast(Tree, properties["user_data"])["str_replace"])
    preview = _Preview(cast("Mapping[str, Tree]", template.get("conditions", {})), parameters)
    (only,) = cast(Tree, replaced["params"]).values()
    return cast("dict[str, object]", preview.resolve(only))


@dataclass(frozen=True)
class _Preview:
    conditions: Mapping[str, Tree]
    parameters: Tree

    def resolve(self, tree: object) -> object:
        if isinstance(tree, list):
            return [self.resolve(one) for one in tree]
        if not isinstance(tree, dict):
            return tree
        if len(tree) == 1:
            ((name, argument),) = tree.items()
            if name in self._functions:
                return self._functions[name](argument)
        return {key: self.resolve(value) for key, value in tree.items()}

    @property
    def _functions(self) -> Mapping[str, Callable[[object], object]]:
        return {
            "get_param": self._get_param,
            "get_resource": lambda argument: f"PLACEHOLDER-ID-of-{argument}",
            "if": self._if,
            "list_concat": self._list_concat,
            "list_join": self._list_join,
        }

    def _get_param(self, argument: object) -> object:
        name, *path = cast(list[str], argument if isinstance(argument, list) else [argument])
        found = self.parameters.get(name, f"PLACEHOLDER-{name}")
        for step in path:
            found = cast(Tree, found)[step]
        return found

    def _if(self, argument: object) -> object:
        condition, then, otherwise = cast(Sequence[object], argument)
        return self.resolve(then if self._holds(self.conditions[cast(str, condition)]) else otherwise)

    def _holds(self, condition: Tree) -> bool:
        if "not" in condition:
            return not self._holds(cast(Tree, condition["not"]))
        left, right = cast(Sequence[object], condition["equals"])
        return self.resolve(left) == self.resolve(right)

    def _list_concat(self, argument: object) -> list[object]:
        return [one for part in cast(Sequence[object], argument) for one in cast(list[object], self.resolve(part))]

    def _list_join(self, argument: object) -> str:
        delimiter, parts = cast(Sequence[object], argument)
        return cast(str, delimiter).join(str(self.resolve(one)) for one in cast(Sequence[object], parts))
