# SPDX-License-Identifier: Apache-2.0
"""The intrinsic functions that make lists or maps, and ways into them."""

import itertools
from collections.abc import Mapping, Sequence

from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json


def descend(value: Json, path: Sequence[Json]) -> Json:
    """Follow keys and indexes into a value; null where there is nothing."""
    for step in path:
        if value is UNKNOWN:
            return UNKNOWN
        value = _inside(value, step)
    return value


def item(values: list[Json], index: Json, function: str) -> Json:
    """Give the list's item at an index, which may be a string of digits."""
    try:
        return values[int(index)]
    except (TypeError, ValueError) as error:
        raise refusals.invalid(f'Incorrect index to "{function}": {index!r} is not a number') from error
    except IndexError as error:
        raise refusals.invalid(f'Incorrect index to "{function}" should be between 0 and {len(values) - 1}') from error


def rounds(each: Json, permutations: Json) -> list[dict[str, Json]]:
    """Give, for each turn of a `repeat`, its variables' values: all combinations, or item by item."""
    if not isinstance(each, Mapping) or not all(
        isinstance(values, (list, Mapping, type(None))) for values in each.values()
    ):
        raise refusals.invalid('The "for_each" argument to "repeat" must contain a map of lists')
    columns = [list(values or []) for values in each.values()]
    wrong = next((value for column in columns for value in column if not isinstance(value, str)), None)
    if wrong is not None:
        # Heat replaces text by text, and says so in Python's words.
        raise refusals.invalid(f"replace() argument 2 must be str, not {type(wrong).__name__}")
    if not permutations and len(set(map(len, columns))) > 1:
        raise refusals.invalid('For "repeat", when permutations is false, the length of each list must be the same')
    turns = itertools.product(*columns) if permutations else zip(*columns, strict=True)
    return [dict(zip(each, turn, strict=True)) for turn in turns]


def map_merge(arguments: Json) -> dict[str, Json]:
    """Merge maps; later ones win."""
    merged: dict[str, Json] = {}
    for one in _list(arguments, "map_merge"):
        if not isinstance(one, Mapping | None):
            raise refusals.invalid(f'Incorrect arguments to "map_merge": {one!r} is not a map')
        merged |= one or {}
    return merged


def map_replace(arguments: Json) -> dict[str, Json]:
    """Put other keys and values in a map's place of the named ones."""
    if (
        not isinstance(arguments, list)
        or len(arguments) != 2
        or not all(isinstance(one, Mapping) for one in arguments)
        or not set(arguments[1]) <= {"keys", "values"}
    ):
        raise refusals.invalid('Incorrect arguments to "map_replace" should be: [<map>, {keys: <map>, values: <map>}]')
    keys, values = arguments[1].get("keys") or {}, arguments[1].get("values") or {}
    replaced: dict[str, Json] = {}
    for key, value in arguments[0].items():
        if keys.get(key, key) in replaced:
            raise refusals.invalid(f"key replacement {keys.get(key, key)} collides with a key in the input map")
        known = isinstance(value, (str, int, float, type(None))) and value in values
        replaced[keys.get(key, key)] = values[value] if known else value
    return replaced


def list_concat(arguments: Json) -> list[Json]:
    """Put lists behind one another."""
    return [one for part in _lists(arguments, "list_concat") for one in part]


def list_concat_unique(arguments: Json) -> list[Json]:
    """Put lists behind one another, leaving out what has come already."""
    kept: list[Json] = []
    for part in _lists(arguments, "list_concat_unique"):
        kept += _fresh(part, kept)
    return kept


def filter_(arguments: Json) -> list[Json]:
    """Leave out of the second list what is in the first."""
    if not isinstance(arguments, list) or len(arguments) != 2 or not all(isinstance(one, list) for one in arguments):
        raise refusals.invalid('Argument to "filter" must be a list: [values, sequence]')
    return [one for one in arguments[1] if one not in arguments[0]]


def contains(arguments: Json) -> bool:
    """Say whether a value is in a list, map or string."""
    if (
        not isinstance(arguments, list)
        or len(arguments) != 2
        or not isinstance(arguments[1], (list, Mapping, str))
        or (isinstance(arguments[1], str) and not isinstance(arguments[0], str))
    ):
        raise refusals.invalid('Arguments to "contains" must be of the form: [value, sequence]')
    return arguments[0] in arguments[1]


def _inside(value: Json, step: Json) -> Json:
    if isinstance(value, Mapping):
        return value.get(step, value.get(str(step)))
    if isinstance(value, list):
        try:
            return value[int(step)]
        except (TypeError, ValueError, IndexError):
            return None
    return None


def _lists(arguments: Json, function: str) -> list[list[Json]]:
    parts = _list(arguments, function)
    for part in parts:
        if not isinstance(part, list | None):
            raise refusals.invalid(f'Incorrect arguments to "{function}": {part!r} is not a list')
    return [part or [] for part in parts]


def _list(arguments: Json, function: str) -> list[Json]:
    if not isinstance(arguments, list):
        raise refusals.invalid(f'Incorrect arguments to "{function}": it takes a list')
    return arguments


def _fresh(part: list[Json], kept: list[Json]) -> list[Json]:
    fresh: list[Json] = []
    for one in part:
        if one not in kept and one not in fresh:
            fresh.append(one)
    return fresh
