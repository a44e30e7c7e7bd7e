# SPDX-License-Identifier: Apache-2.0
"""A HOT template, read and checked for its form."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import parameters, refusals
from magnum_lite.pocketcloud.heat.parameters import Parameter
from magnum_lite.pocketcloud.heat.values import Json

# Names of releases that Heat takes for a date.
RELEASES: Final = {
    "newton": "2016-10-14",
    "ocata": "2017-02-24",
    "pike": "2017-09-01",
    "queens": "2018-03-02",
    "rocky": "2018-08-31",
    "wallaby": "2021-04-16",
}
VERSIONS: Final = ("2013-05-23", "2014-10-16", "2015-04-30", "2015-10-15", "2016-04-08", *RELEASES.values())
SECTIONS: Final = (
    "heat_template_version",
    "description",
    "parameter_groups",
    "parameters",
    "resources",
    "outputs",
    "conditions",
)
RESOURCE_KEYS: Final = (
    "type",
    "properties",
    "metadata",
    "depends_on",
    "deletion_policy",
    "update_policy",
    "description",
    "external_id",
    "condition",
)
OUTPUT_KEYS: Final = ("value", "description", "condition")
DELETION_POLICIES: Final = {
    "delete": "Delete",
    "retain": "Retain",
    "snapshot": "Snapshot",
    "Delete": "Delete",
    "Retain": "Retain",
    "Snapshot": "Snapshot",
}


@dataclass(frozen=True)
class ResourceDefinition:
    """What a template says of one resource, with its functions still unresolved."""

    name: str
    type: str
    properties: Mapping[str, Json]
    depends_on: tuple[str, ...] = ()
    condition: Json = None
    metadata: Json = None
    deletion_policy: str = "Delete"
    description: str = ""


@dataclass(frozen=True)
class Output:
    """What a template says of one output."""

    name: str
    value: Json
    description: str = ""
    condition: Json = None


@dataclass(frozen=True)
class Template:
    """One template; `raw` is what it was read from and is never changed."""

    version: str
    raw: Mapping[str, Json]
    description: str
    parameters: Mapping[str, Parameter]
    conditions: Mapping[str, Json]
    resources: Mapping[str, ResourceDefinition]
    outputs: Mapping[str, Output]


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which dates stay strings, as Heat reads them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str) -> Mapping[str, Json]:
    """Read YAML or JSON text that holds a mapping."""
    try:
        body = yaml.load(text, Loader=_Loader)  # noqa: S506 (the loader is a safe one)
    except yaml.YAMLError as error:
        raise _format_error(f"Error parsing template: {error}") from error
    if not isinstance(body, Mapping):
        raise _format_error("The template is not a JSON object or YAML mapping.")
    return body


@functools.lru_cache(maxsize=64)
def of_text(text: str) -> Template:
    """Read a template's text; the same text is read once, as all nodes of a group share it."""
    return parse(load(text))


def parse(raw: Json) -> Template:
    """Read a template from its mapping; refuse what is not of HOT's form."""
    if not isinstance(raw, Mapping):
        raise _format_error("The template is not a JSON object or YAML mapping.")
    version = _version(raw)
    for section in raw:
        if section not in SECTIONS:
            raise CloudFault(400, f"The template section is invalid: {section}", "InvalidTemplateSection")
    return Template(
        version=version,
        raw=raw,
        description=str(raw.get("description") or "No description"),
        parameters={name: parameters.parse(name, body) for name, body in _section(raw, "parameters").items()},
        conditions=_section(raw, "conditions"),
        resources={name: _resource(name, body) for name, body in _section(raw, "resources").items()},
        outputs={name: _output(name, body) for name, body in _section(raw, "outputs").items()},
    )


def _version(raw: Mapping[str, Json]) -> str:
    given = str(raw.get("heat_template_version", ""))
    version = RELEASES.get(given, given)
    if not given:
        raise CloudFault(
            400, "The template version is invalid: Template version was not provided", "InvalidTemplateVersion"
        )
    if version not in VERSIONS:
        allowed = ", ".join(sorted([*VERSIONS, *RELEASES]))
        raise CloudFault(
            400,
            f'The template version is invalid: "heat_template_version: {given}". '
            f'"heat_template_version" should be one of: {allowed}',
            "InvalidTemplateVersion",
        )
    return version


def _section(raw: Mapping[str, Json], name: str) -> dict[str, Json]:
    section = raw.get(name)
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        raise refusals.invalid(f'"{name}" must contain a mapping, got {type(section).__name__}')
    return {str(key): body for key, body in section.items()}


def _resource(name: str, body: Json) -> ResourceDefinition:
    if "/" in name:
        raise refusals.invalid(f'Resource name may not contain "/": {name}')
    if not isinstance(body, Mapping):
        raise refusals.invalid(
            f'"resources" must contain a map of resource maps. Found a [{type(body).__name__}] '
            f"instead for resource {name}"
        )
    _check_keys(body, RESOURCE_KEYS, "resource", name)
    if not isinstance(body.get("type"), str) or not body["type"]:
        raise refusals.invalid(f"Each Resource must contain a type key. Resource {name} has none")
    properties = body.get("properties") or {}
    if not isinstance(properties, Mapping):
        raise refusals.invalid(f"resources.{name}.properties must be a mapping")
    policy = body.get("deletion_policy", "Delete")
    if policy not in DELETION_POLICIES:
        raise refusals.invalid(f'Invalid deletion policy "{policy}" for resource {name}')
    return ResourceDefinition(
        name=name,
        type=body["type"],
        properties=properties,
        depends_on=_names(body.get("depends_on"), name),
        condition=body.get("condition"),
        metadata=body.get("metadata"),
        deletion_policy=DELETION_POLICIES[policy],
        description=str(body.get("description") or ""),
    )


def _output(name: str, body: Json) -> Output:
    if not isinstance(body, Mapping):
        raise refusals.invalid(f'"outputs" must contain a map of output maps. Found a [{type(body).__name__}] instead')
    _check_keys(body, OUTPUT_KEYS, "output", name)
    if "value" not in body:
        raise refusals.invalid(f"Each output must contain a value key. Output {name} has none")
    return Output(name, body["value"], str(body.get("description") or "No description given"), body.get("condition"))


def _check_keys(body: Mapping[str, Json], allowed: tuple[str, ...], thing: str, name: str) -> None:
    for key in body:
        if key not in allowed:
            raise refusals.invalid(f'"{key}" is not a valid keyword inside a {thing} definition ({name})')


def _names(value: Json, name: str) -> tuple[str, ...]:
    listed = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise refusals.invalid(f"resources.{name}.depends_on must be a resource's name or a list of them")
    return tuple(listed)


def _format_error(message: str) -> CloudFault:
    return CloudFault(400, message, "HTTPBadRequest")
