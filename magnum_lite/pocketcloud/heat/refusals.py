# SPDX-License-Identifier: Apache-2.0
"""What this Heat refuses, in the words and with the codes of Heat's API."""

from dataclasses import dataclass, replace

from magnum_lite.pocketcloud.errors import CloudFault


def invalid(message: str) -> CloudFault:
    """Refuse a template, a property or a parameter."""
    return CloudFault(400, message, "StackValidationFailed")


def missing_parameter(name: str) -> CloudFault:
    """Refuse a stack that lacks the value of a parameter."""
    return CloudFault(400, f"The Parameter ({name}) was not provided.", "UserParameterMissing")


def invalid_parameter(message: str) -> CloudFault:
    """Refuse a parameter that the template does not declare."""
    return CloudFault(400, message, "UnknownUserParameter")


def bad_request(message: str) -> CloudFault:
    """Refuse a request whose form is wrong."""
    return CloudFault(400, message, "HTTPBadRequest")


def forbidden(message: str) -> CloudFault:
    """Refuse what the caller may not do."""
    return CloudFault(403, message, "Forbidden")


def not_found(entity: str, name: str) -> CloudFault:
    """Say that a stack, a resource type or another entity is not there."""
    return CloudFault(404, f"The {entity} ({name}) could not be found.", "EntityNotFound")


def resource_not_found(name: str, stack_name: str) -> CloudFault:
    """Say that a stack has no such resource."""
    return CloudFault(404, f"The Resource ({name}) could not be found in Stack {stack_name}.", "EntityNotFound")


def stack_exists(name: str) -> CloudFault:
    """Refuse a second stack of the same name in a project."""
    return CloudFault(409, f"The Stack ({name}) already exists.", "StackExists")


def action_in_progress(name: str, action: str) -> CloudFault:
    """Refuse an action on a stack that is busy with another one."""
    return CloudFault(409, f"Stack {name} already has an action ({action}) in progress.", "ActionInProgress")


@dataclass(frozen=True)
class Failure:
    """Why a resource failed: the kind of error, the way down to the resource, and the cause."""

    kind: str
    message: str
    path: tuple[str, ...] = ()

    def below(self, name: str) -> "Failure":
        """Give the same failure as seen from the stack that holds the resource of this name."""
        return replace(self, path=("resources", name, *self.path))

    def __str__(self) -> str:
        """Render as Heat does, with members of groups in brackets: `resources.group.resources[0]`."""
        place = ""
        for item in self.path:
            place += f"[{item}]" if item.isdigit() else f".{item}" if place else item
        return f"{self.kind}: {place}: {self.message}" if place else f"{self.kind}: {self.message}"


class ResourceFailed(Exception):
    """A resource's action came to a bad end."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def in_error(status: str, reason: str) -> ResourceFailed:
    """Say that the thing behind a resource went into an error state."""
    return ResourceFailed(Failure("ResourceInError", f'Went to status {status} due to "{reason}"'))
