# SPDX-License-Identifier: Apache-2.0
"""A stack's environment: values for parameters, and other names for resource types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from magnum_lite.pocketcloud.heat import refusals, template
from magnum_lite.pocketcloud.heat.values import Json

SECTIONS: Final = (
    "parameters",
    "parameter_defaults",
    "resource_registry",
    "encrypted_param_names",
    "event_sinks",
    "parameter_merge_strategies",
)


@dataclass(frozen=True)
class Environment:
    """Values by parameter, defaults for all templates of the stack, and resource types by alias."""

    parameters: Mapping[str, Json] = field(default_factory=dict)
    parameter_defaults: Mapping[str, Json] = field(default_factory=dict)
    resource_registry: Mapping[str, Json] = field(default_factory=dict)

    def type_of(self, name: str) -> str:
        """Give the resource type that a name stands for."""
        target = self.resource_registry.get(name)
        return self.type_of(target) if isinstance(target, str) and target != name else name

    def over(self, other: "Environment") -> "Environment":
        """Give both merged; what is here wins."""
        return Environment(
            {**other.parameters, **self.parameters},
            {**other.parameter_defaults, **self.parameter_defaults},
            {**other.resource_registry, **self.resource_registry},
        )

    def as_json(self) -> dict[str, Json]:
        """Give it as clients send it."""
        return {
            "parameters": dict(self.parameters),
            "parameter_defaults": dict(self.parameter_defaults),
            "resource_registry": {"resources": {}, **self.resource_registry},
            "encrypted_param_names": [],
            "event_sinks": [],
        }


def parse(body: Json) -> Environment:
    """Read an environment, given as a mapping or as YAML text."""
    if isinstance(body, str):
        body = template.load(body) if body.strip() else {}
    if not isinstance(body, Mapping | None):
        raise refusals.bad_request(f"The environment is not a valid YAML mapping: {type(body).__name__}")
    body = body or {}
    for name, section in body.items():
        if name not in SECTIONS:
            raise refusals.bad_request(f'environment has wrong section "{name}"')
        if name in SECTIONS[:3] and not isinstance(section, Mapping | None):
            raise refusals.bad_request(f"environment's {name} is not a mapping: {section!r}")
    return Environment(*(dict(body.get(name) or {}) for name in SECTIONS[:3]))


def of_files(names: Sequence[Json], files: Mapping[str, str]) -> Environment:
    """Merge the environments in the named files; later ones win."""
    merged = Environment()
    for name in names:
        if name not in files:
            raise refusals.bad_request(f'No content found in the "files" section for environment file: {name}')
        merged = parse(files[name]).over(merged)
    return merged
