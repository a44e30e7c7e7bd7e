# SPDX-License-Identifier: Apache-2.0
"""What the snippets of one template can ask about, before or after the stack is there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import functions, refusals
from magnum_lite.pocketcloud.heat.template import ResourceDefinition, Template
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json, holds_unknown


def _later(name: str, attribute: str | None = None) -> Json:
    return UNKNOWN


@dataclass
class Frame:
    """A template with its values and files; `find_*` look into the stack's resources when there are any."""

    template: Template
    values: Mapping[str, Json]
    files: Mapping[str, str]
    find_reference: Callable[[str], Json] = _later
    find_attribute: Callable[[str, str | None], Json] = _later
    _conditions: dict[str, bool | None] = field(default_factory=dict)
    _enabled: dict[str, ResourceDefinition] | None = None

    @property
    def version(self) -> str:
        """Give the template's version, as a date."""
        return self.template.version

    def parameter(self, name: str) -> Json:
        """Give a parameter's value."""
        if name not in self.values:
            raise refusals.missing_parameter(name)
        return self.values[name]

    def reference(self, name: str) -> Json:
        """Give what `get_resource` means for a resource."""
        self._check_resource(name)
        return self.find_reference(name)

    def attribute(self, name: str, attribute: str | None) -> Json:
        """Give one attribute of a resource, or all."""
        self._check_resource(name)
        return self.find_attribute(name, attribute)

    def file(self, name: str) -> str:
        """Give the text of one of the files."""
        if name not in self.files:
            raise refusals.invalid(f'No content found in the "files" section for get_file path: {name}')
        return self.files[name]

    def condition(self, name: str) -> bool:
        """Give a named condition's value."""
        if name not in self.template.conditions:
            raise refusals.invalid(f'Invalid condition "{name}"')
        if name not in self._conditions:
            self._conditions[name] = None
            self._conditions[name] = self._truth(self.template.conditions[name])
        value = self._conditions[name]
        if value is None:
            raise refusals.invalid(f"Circular definition for condition {name}")
        return value

    def resolve(self, snippet: Json) -> Json:
        """Give a snippet's value."""
        return functions.resolve(snippet, self)

    def is_wanted(self, condition: Json) -> bool:
        """Say whether a resource or output with this condition is there."""
        return condition is None or self._truth(condition)

    def enabled(self) -> dict[str, ResourceDefinition]:
        """Give the resources whose conditions hold."""
        if self._enabled is None:
            listed = self.template.resources.items()
            self._enabled = {name: one for name, one in listed if self.is_wanted(one.condition)}
        return self._enabled

    def mentioned(self, snippet: Json) -> Iterable[str]:
        """Give the names of the resources that a snippet refers to, leaving out what an `if` does not take."""
        if isinstance(snippet, list):
            for item in snippet:
                yield from self.mentioned(item)
        elif isinstance(snippet, Mapping):
            yield from self._mentioned_in_map(snippet)

    def _mentioned_in_map(self, snippet: Mapping[str, Json]) -> Iterable[str]:
        name = functions.function_name(snippet, self.version)
        arguments = snippet[name] if name else None
        if name == "get_resource" and isinstance(arguments, str):
            yield arguments
        elif name == "get_attr" and isinstance(arguments, list) and arguments and isinstance(arguments[0], str):
            yield arguments[0]
            yield from self.mentioned(arguments[1:])
        elif name == "if" and isinstance(arguments, list) and len(arguments) in (2, 3):
            yield from self.mentioned(arguments[1] if self._truth(arguments[0]) else arguments[2:])
        else:
            for item in snippet.values():
                yield from self.mentioned(item)

    def _truth(self, condition: Json) -> bool:
        # Where a condition hangs on a value known only later, nothing can be said yet of what it guards.
        if isinstance(condition, bool):
            return condition
        if not isinstance(condition, str) and holds_unknown(self.resolve(condition)):
            return False
        return functions.truth(condition, self)

    def _check_resource(self, name: str) -> None:
        if name not in self.enabled():
            raise CloudFault(
                400, f'The specified reference "{name}" (in unknown) is incorrect.', "InvalidTemplateReference"
            )
