# SPDX-License-Identifier: Apache-2.0
"""The intrinsic functions that make strings."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from magnum_lite.pocketcloud.heat import lists, refusals
from magnum_lite.pocketcloud.heat.values import Json, as_text

URL_KEYS: Final = ("scheme", "username", "password", "host", "port", "path", "query", "fragment")


def str_replace(arguments: Json) -> str:
    """Put values in place of their names in a text; maps and lists go in as JSON."""
    text, values = _replacement(arguments, "str_replace")
    return _replace(text, values)


def str_replace_strict(arguments: Json) -> str:
    """Do as str_replace, but refuse a name that does not occur in the text."""
    text, values = _replacement(arguments, "str_replace_strict")
    if missing := sorted(name for name in values if name not in text):
        raise refusals.invalid(f"The following params were not found in the template: {','.join(missing)}")
    return _replace(text, values)


def str_replace_vstrict(arguments: Json) -> str:
    """Do as str_replace_strict, but refuse empty values too."""
    text, values = _replacement(arguments, "str_replace_vstrict")
    if empty := sorted(name for name, value in values.items() if value in (None, "", [], {})):
        raise refusals.invalid(f"str_replace_vstrict has an undefined or empty value for param {','.join(empty)}")
    return str_replace_strict({"template": text, "params": values})


def replace_everywhere(snippet: Json, values: Mapping[str, Json]) -> Json:
    """Put values in place of their names in all strings and keys; a string that is just a name becomes the value."""
    if isinstance(snippet, str):
        return values[snippet] if snippet in values else _replace(snippet, values)
    if isinstance(snippet, Mapping):
        return {_key(key, values): replace_everywhere(item, values) for key, item in snippet.items()}
    if isinstance(snippet, list):
        return [replace_everywhere(item, values) for item in snippet]
    return snippet


def list_join(arguments: Json) -> str:
    """Join the items of one or more lists with a delimiter; maps and lists go in as JSON."""
    if not isinstance(arguments, list) or len(arguments) < 2 or not isinstance(arguments[0], str):
        raise refusals.invalid('Incorrect arguments to "list_join" should be: [<delimiter>, [<string>, ...], ...]')
    for items in arguments[1:]:
        if not isinstance(items, list | None):
            raise refusals.invalid(f'Items to join must be a list, "list_join" got {items!r}')
    return arguments[0].join(as_text(item) for items in arguments[1:] for item in items or [])


def str_split(arguments: Json) -> Json:
    """Split a string at a delimiter; with a third argument, give the item at that index."""
    if not isinstance(arguments, list) or len(arguments) not in (2, 3):
        raise refusals.invalid('Incorrect arguments to "str_split" should be: [<delimiter>, <string>, <index>]')
    parts = as_text(arguments[1]).split(str(arguments[0]))
    return lists.item(parts, arguments[2], "str_split") if len(arguments) == 3 else parts


def digest(arguments: Json) -> str:
    """Give the hex digest of a string by the named algorithm."""
    if not isinstance(arguments, list) or len(arguments) != 2 or not all(isinstance(one, str) for one in arguments):
        raise refusals.invalid('Arguments to "digest" must be of the form: [<algorithm>, <string>]')
    if arguments[0].lower() not in hashlib.algorithms_guaranteed:
        raise refusals.invalid(f'Algorithm must be one of {sorted(hashlib.algorithms_available)}, got "{arguments[0]}"')
    return hashlib.new(arguments[0].lower(), arguments[1].encode()).hexdigest()


def make_url(arguments: Json) -> str:
    """Build a URL from its parts."""
    if not isinstance(arguments, Mapping) or not set(arguments) <= set(URL_KEYS):
        raise refusals.invalid(f'The arguments to "make_url" must be a map with keys of {list(URL_KEYS)}')
    parts = {key: arguments.get(key) for key in URL_KEYS}
    user = quote(as_text(parts["username"]), safe="")
    if parts["password"]:
        user += ":" + quote(as_text(parts["password"]), safe="")
    host = as_text(parts["host"])
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    port = f":{parts['port']}" if parts["port"] else ""
    path = as_text(parts["path"])
    path = path if not path or path.startswith("/") else f"/{path}"
    query = f"?{urlencode(parts['query'])}" if parts["query"] else ""
    fragment = f"#{quote(as_text(parts['fragment']))}" if parts["fragment"] else ""
    scheme = f"{parts['scheme']}:" if parts["scheme"] else ""
    place = f"//{user + '@' if user else ''}{host}{port}" if host else ""
    return f"{scheme}{place}{quote(path, safe='/%')}{query}{fragment}"


def _replacement(arguments: Json, name: str) -> tuple[str, Mapping[str, Json]]:
    if not isinstance(arguments, Mapping) or not {"template", "params"} <= set(arguments):
        raise refusals.invalid(f'The "{name}" function syntax should be: template: <text>, params: {{<name>: <value>}}')
    text, values = arguments["template"], arguments["params"]
    if not isinstance(text, str):
        raise refusals.invalid(f'"{name}" template must be a string, got {type(text).__name__}')
    if not isinstance(values, Mapping):
        raise refusals.invalid(f'"{name}" parameters must be a mapping, got {type(values).__name__}')
    return text, {str(key): value for key, value in values.items()}


def _replace(text: str, values: Mapping[str, Json]) -> str:
    # One pass with the longest names first, so that what was put in is not searched again.
    names = sorted((name for name in values if name), key=len, reverse=True)
    if not names:
        return text
    return re.sub("|".join(map(re.escape, names)), lambda found: as_text(values[found.group()]), text)


def _key(key: Json, values: Mapping[str, Json]) -> Json:
    return _replace(key, values) if isinstance(key, str) else key
