# SPDX-License-Identifier: Apache-2.0
"""Reading from a request's body what a stack is to be."""

import re
from collections.abc import Mapping
from typing import Final

from magnum_lite.pocketcloud.heat import environment, refusals, template
from magnum_lite.pocketcloud.heat.engine import Terms
from magnum_lite.pocketcloud.heat.environment import Environment
from magnum_lite.pocketcloud.heat.parameters import FALSE, TRUE
from magnum_lite.pocketcloud.heat.stack import Stack, Wish
from magnum_lite.pocketcloud.heat.values import Json

NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]{0,254}")


def name_of(body: Json) -> str:
    """Give the name asked for."""
    name = mapping(body, "body").get("stack_name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise refusals.invalid(
            f'Invalid stack name {name} must contain only alphanumeric or "_-." characters, '
            f"must start with alpha and must be 255 characters or less."
        )
    return name


def wish_of(body: Json) -> Wish:
    """Give the wish of a request that says everything."""
    body = mapping(body, "body")
    if body.get("template") is None:
        raise refusals.bad_request("No template specified")
    files = _files(body)
    around = _environment(body, files)
    return Wish(_template(body["template"]), around.parameters, files, around)


def changed_wish(body: Json, old: Wish) -> Wish:
    """Give the wish of a request that says only what changes."""
    body = mapping(body or {}, "body")
    files = {**old.files, **_files(body)}
    cleared = _list(body, "clear_parameters")
    kept = {name: value for name, value in old.environment.parameters.items() if name not in cleared}
    around = _environment(body, files).over(
        Environment(kept, old.environment.parameter_defaults, old.environment.resource_registry)
    )
    wanted = old.template if body.get("template") is None else _template(body["template"])
    values = {name: value for name, value in around.parameters.items() if name in wanted.parameters or name not in kept}
    return Wish(wanted, values, files, around)


def terms_of(body: Json, old: Stack | None = None) -> Terms:
    """Give how the action is to be done; what is not said stays as it was."""
    body = mapping(body or {}, "body")
    terms = Terms(old.timeout_mins, old.disable_rollback, old.tags) if old else Terms()
    timeout = body.get("timeout_mins")
    if timeout is not None and not re.fullmatch(r"[1-9]\d{0,5}", str(timeout)):
        raise refusals.bad_request(
            f"Invalid value for timeout_mins: {timeout!r}. It takes a number of minutes greater than 0"
        )
    tags = body.get("tags")
    if not isinstance(tags, str | list | None):
        raise refusals.bad_request(f"Invalid tags: {tags!r}. They are a string with commas, or a list")
    split = tags.split(",") if isinstance(tags, str) else tags
    return Terms(
        terms.timeout_mins if timeout is None else int(timeout),
        terms.disable_rollback
        if body.get("disable_rollback") is None
        else boolean("disable_rollback", body["disable_rollback"]),
        terms.tags if split is None else tuple(str(tag).strip() for tag in split if str(tag).strip()),
    )


def mapping(body: Json, name: str) -> Mapping[str, Json]:
    """Give a value that must be a JSON object."""
    if not isinstance(body, Mapping):
        raise refusals.bad_request(f"Unexpected type of {name}: {type(body).__name__}. It must be a JSON object")
    return body


def boolean(name: str, given: Json) -> bool:
    """Give a boolean, which may come as a string."""
    text = str(given).lower()
    if text not in TRUE + FALSE:
        raise refusals.bad_request(
            f'Invalid value for {name}: Unrecognized value "{given}", acceptable values are: '
            f"{', '.join(sorted(TRUE + FALSE))}"
        )
    return text in TRUE


def _template(given: Json) -> template.Template:
    return template.of_text(given) if isinstance(given, str) else template.parse(given)


def _files(body: Mapping[str, Json]) -> dict[str, str]:
    files = mapping(body.get("files") or {}, "files")
    for name, text in files.items():
        if not isinstance(text, str):
            raise refusals.bad_request(f"Unexpected type of file {name}: {type(text).__name__}. It must be a string")
    return dict(files)


def _environment(body: Mapping[str, Json], files: Mapping[str, str]) -> Environment:
    """Give the environment, with the parameters beside it over those inside."""
    names = _list(body, "environment_files")
    around = environment.of_files(names, files) if names else environment.parse(body.get("environment"))
    given = mapping(body.get("parameters") or {}, "parameters")
    return Environment(given).over(around)


def _list(body: Mapping[str, Json], name: str) -> list[Json]:
    given = body.get(name) or []
    if not isinstance(given, list):
        raise refusals.bad_request(f"Unexpected type of {name}: {type(given).__name__}. It must be a list")
    return given
