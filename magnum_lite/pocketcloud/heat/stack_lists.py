# SPDX-License-Identifier: Apache-2.0
"""Filtering, sorting and paging of lists of stacks."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from magnum_lite.pocketcloud.heat import bodies, refusals
from magnum_lite.pocketcloud.heat.stack import Stack
from magnum_lite.pocketcloud.web import Request

Item = TypeVar("Item")
FIELDS: Final[Mapping[str, Callable[[Stack], str]]] = {
    "id": lambda stack: stack.id,
    "name": lambda stack: stack.name,
    "stack_name": lambda stack: stack.name,
    "status": lambda stack: stack.status,
    "stack_status": lambda stack: stack.state,
    "action": lambda stack: stack.action,
    "creation_time": lambda stack: stack.created,
    "created_at": lambda stack: stack.created,
    "updated_time": lambda stack: stack.updated or "",
    "updated_at": lambda stack: stack.updated or "",
    "username": lambda stack: stack.scope.user_id,
}


def select(request: Request) -> tuple[list[Stack], int | None]:
    """Give the page of stacks that the query asks for, and the count of all if it asks for that."""
    is_global = _flag(request, "global_tenant")
    if is_global and not request.scope.is_admin:
        raise refusals.forbidden("You are not authorized to list the stacks of all projects.")
    project = None if is_global else request.args["project_id"]
    found = request.cloud.orchestration.list_(
        project, nested=_flag(request, "show_nested"), deleted=_flag(request, "show_deleted")
    )
    found = _sorted([stack for stack in found if _matches(stack, request.query)], request)
    count = len(found) if _flag(request, "with_count") else None
    return page(found, request, lambda stack: stack.id), count


def page(found: list[Item], request: Request, ident: Callable[[Item], str]) -> list[Item]:
    """Cut a list as marker and limit ask."""
    marker, limit = request.first("marker"), request.first("limit")
    if marker:
        ids = [ident(one) for one in found]
        if marker not in ids:
            raise refusals.bad_request(f"marker: {marker!r} is not in the list")
        found = found[ids.index(marker) + 1 :]
    if limit and not limit.isdigit():
        raise refusals.bad_request(f"limit: {limit!r} is not a number")
    return found[: int(limit)] if limit else found


def _matches(stack: Stack, query: Mapping[str, list[str]]) -> bool:
    """Say whether a stack has one of the wanted values of each field, and the wanted tags."""
    for name, values in query.items():
        wanted = [part for value in values for part in value.split(",")]
        if name in FIELDS and FIELDS[name](stack) not in wanted and not (name == "status" and stack.state in wanted):
            return False
        if name == "tags" and not set(wanted) <= set(stack.tags):
            return False
        if name == "tags_any" and not set(wanted) & set(stack.tags):
            return False
    return True


def _sorted(found: list[Stack], request: Request) -> list[Stack]:
    keys = [part for value in request.query.get("sort_keys", []) for part in value.split(",")]
    for key in reversed(keys):
        if key not in FIELDS:
            raise refusals.bad_request(f"sort_keys: {key!r} is not one of {', '.join(FIELDS)}")
        found = sorted(found, key=FIELDS[key], reverse=request.first("sort_dir") == "desc")
    return found


def _flag(request: Request, name: str) -> bool:
    return bodies.boolean(name, request.first(name) or "false")
