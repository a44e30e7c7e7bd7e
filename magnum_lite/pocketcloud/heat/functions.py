# SPDX-License-Identifier: Apache-2.0
"""HOT's intrinsic functions, and how a snippet of a template becomes a value."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from magnum_lite.pocketcloud.heat import lists, refusals, texts
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json, holds_unknown


class Surroundings(Protocol):
    """What a snippet can ask about: the stack it belongs to."""

    @property
    def version(self) -> str:
        """The template's version, as a date."""

    def parameter(self, name: str) -> Json:
        """Give a parameter's value."""

    def reference(self, name: str) -> Json:
        """Give what `get_resource` means for a resource, or UNKNOWN."""

    def attribute(self, name: str, attribute: str | None) -> Json:
        """Give one attribute of a resource (all of them for None), or UNKNOWN."""

    def file(self, name: str) -> str:
        """Give the text of one of the files sent with the template."""

    def condition(self, name: str) -> bool:
        """Give a named condition's value."""


Lazy: TypeAlias = Callable[[Json, Surroundings], Json]
Eager: TypeAlias = Callable[[Json], Json]


def resolve(snippet: Json, around: Surroundings) -> Json:
    """Give the snippet's value, with UNKNOWN in place of what is known only later."""
    if isinstance(snippet, list):
        return [resolve(item, around) for item in snippet]
    if not isinstance(snippet, Mapping):
        return snippet
    name = function_name(snippet, around.version)
    if name is None:
        return {key: resolve(item, around) for key, item in snippet.items()}
    if name in _LAZY:
        return _LAZY[name](snippet[name], around)
    arguments = resolve(snippet[name], around)
    return UNKNOWN if holds_unknown(arguments) else _EAGER[name][1](arguments)


def function_name(snippet: Json, version: str) -> str | None:
    """Give the name of the function that the snippet calls, if it calls one that the template's version knows."""
    if not isinstance(snippet, Mapping) or len(snippet) != 1:
        return None
    name = next(iter(snippet))
    return name if isinstance(name, str) and _since(name) <= version else None


def names(version: str) -> list[str]:
    """Give the names of the functions that templates of a version have."""
    return sorted(name for name in (*_LAZY, *_EAGER) if _since(name) <= version)


def truth(snippet: Json, around: Surroundings) -> bool:
    """Give a condition's value: a boolean, the name of a condition, or a function that yields one."""
    value = around.condition(snippet) if isinstance(snippet, str) else resolve(snippet, around)
    if not isinstance(value, bool):
        raise refusals.invalid(f'Invalid condition "{snippet}": it yields {value!r}, not true or false')
    return value


def _since(name: str) -> str:
    if name in _EAGER:
        return _EAGER[name][0]
    return _LAZY_SINCE.get(name, "9999")


def _get_param(arguments: Json, around: Surroundings) -> Json:
    path = resolve(arguments, around)
    path = path if isinstance(path, list) else [path]
    if not path or not isinstance(path[0], str):
        raise refusals.invalid('The argument of "get_param" must be a parameter\'s name, or a list that starts with it')
    return lists.descend(around.parameter(path[0]), path[1:])


def _get_resource(arguments: Json, around: Surroundings) -> Json:
    if not isinstance(arguments, str):
        raise refusals.invalid('The argument of "get_resource" must be a resource\'s name')
    return around.reference(arguments)


def _get_attr(arguments: Json, around: Surroundings) -> Json:
    if not isinstance(arguments, list) or not arguments or not isinstance(arguments[0], str):
        raise refusals.invalid('Arguments to "get_attr" must be of the form [resource_name, attribute, (path), ...]')
    path = resolve(arguments[1:], around)
    if holds_unknown(path):
        return UNKNOWN
    value = around.attribute(arguments[0], str(path[0]) if path else None)
    return lists.descend(value, path[1:])


def _get_file(arguments: Json, around: Surroundings) -> Json:
    name = resolve(arguments, around)
    if not isinstance(name, str):
        raise refusals.invalid('Argument to "get_file" must be a string')
    return around.file(name)


def _if(arguments: Json, around: Surroundings) -> Json:
    if not isinstance(arguments, list) or len(arguments) not in (2, 3):
        raise refusals.invalid('Arguments to "if" must be of the form: [condition_name, value_if_true, value_if_false]')
    if truth(arguments[0], around):
        return resolve(arguments[1], around)
    return resolve(arguments[2], around) if len(arguments) == 3 else None


def _not(arguments: Json, around: Surroundings) -> Json:
    return not truth(arguments, around)


def _and(arguments: Json, around: Surroundings) -> Json:
    return all(truth(item, around) for item in _several(arguments, "and"))


def _or(arguments: Json, around: Surroundings) -> Json:
    return any(truth(item, around) for item in _several(arguments, "or"))


def _several(arguments: Json, name: str) -> list[Json]:
    if not isinstance(arguments, list) or len(arguments) < 2:
        raise refusals.invalid(f'Arguments to "{name}" must be a list of at least two conditions')
    return arguments


def _repeat(arguments: Json, around: Surroundings) -> Json:
    if not isinstance(arguments, Mapping) or not {"template", "for_each"} <= set(arguments):
        raise refusals.invalid('The "repeat" function syntax should be template: ..., for_each: {<var>: <list>}')
    each = resolve(arguments["for_each"], around)
    if holds_unknown(each):
        return UNKNOWN
    rounds = lists.rounds(each, resolve(arguments.get("permutations", True), around))
    return [resolve(texts.replace_everywhere(arguments["template"], one), around) for one in rounds]


def _equals(arguments: Json) -> Json:
    if not isinstance(arguments, list) or len(arguments) != 2:
        raise refusals.invalid('Arguments to "equals" must be of the form: [value_1, value_2]')
    return arguments[0] == arguments[1]


_LAZY: Mapping[str, Lazy] = {
    "get_param": _get_param,
    "get_resource": _get_resource,
    "get_attr": _get_attr,
    "get_file": _get_file,
    "if": _if,
    "not": _not,
    "and": _and,
    "or": _or,
    "repeat": _repeat,
}
_LAZY_SINCE: Mapping[str, str] = {
    "get_param": "2013-05-23",
    "get_resource": "2013-05-23",
    "get_attr": "2013-05-23",
    "get_file": "2013-05-23",
    "repeat": "2015-04-30",
    "if": "2016-10-14",
    "not": "2016-10-14",
    "and": "2016-10-14",
    "or": "2016-10-14",
}
# Each function with the date of the first template version that has it.
_EAGER: Mapping[str, tuple[str, Eager]] = {
    "str_replace": ("2013-05-23", texts.str_replace),
    "str_replace_strict": ("2017-02-24", texts.str_replace_strict),
    "str_replace_vstrict": ("2018-03-02", texts.str_replace_vstrict),
    "list_join": ("2014-10-16", texts.list_join),
    "digest": ("2015-04-30", texts.digest),
    "str_split": ("2015-10-15", texts.str_split),
    "make_url": ("2017-09-01", texts.make_url),
    "map_merge": ("2016-04-08", lists.map_merge),
    "map_replace": ("2016-10-14", lists.map_replace),
    "list_concat": ("2017-09-01", lists.list_concat),
    "list_concat_unique": ("2017-09-01", lists.list_concat_unique),
    "filter": ("2017-02-24", lists.filter_),
    "contains": ("2017-09-01", lists.contains),
    "equals": ("2016-10-14", _equals),
}
