# SPDX-License-Identifier: Apache-2.0
"""Heat's routes for what happened to a stack."""

from magnum_lite.pocketcloud.heat import refusals, views
from magnum_lite.pocketcloud.heat.lookup_api import stack_of
from magnum_lite.pocketcloud.heat.resource_api import depth_of
from magnum_lite.pocketcloud.heat.stack import Event, Stack
from magnum_lite.pocketcloud.heat.stack_lists import page
from magnum_lite.pocketcloud.web import Answer, Request, Route

STACK = "/stacks/<stack_name>/<stack_id>"


def routes() -> list[Route]:
    """Give the routes."""
    return [
        Route("GET", f"{STACK}/events", list_events),
        Route("GET", f"{STACK}/resources/<resource_name>/events", list_resource_events),
        Route("GET", f"{STACK}/resources/<resource_name>/events/<event_id>", show_event),
    ]


def list_events(request: Request) -> Answer:
    """List a stack's events, the oldest first."""
    stack = stack_of(request)
    return _answer(request, _events(stack, depth_of(request)), stack if "nested_depth" in request.query else None)


def list_resource_events(request: Request) -> Answer:
    """List the events of one resource."""
    name, stack = request.args["resource_name"], stack_of(request)
    found = [one for one in _events(stack, 0) if one.resource_name == name]
    if not found and name not in stack.resources:
        raise refusals.resource_not_found(name, stack.name)
    return _answer(request, found, None)


def show_event(request: Request) -> Answer:
    """Show one event."""
    found = [one for one in _events(stack_of(request), 0) if one.id == request.args["event_id"]]
    if not found:
        raise refusals.not_found("Event", request.args["event_id"])
    return Answer(200, {"event": views.event(request.base_url, found[0])})


def _events(stack: Stack, depth: int) -> list[Event]:
    found = [event for one in stack.below(depth) for event in list(one.events)]
    return sorted(found, key=lambda event: event.order) if depth else found


def _answer(request: Request, found: list[Event], root: Stack | None) -> Answer:
    wanted = [one for one in found if _matches(one, request)]
    if request.first("sort_dir") == "desc":
        wanted.reverse()
    shown = page(wanted, request, lambda event: event.id)
    return Answer(200, {"events": [views.event(request.base_url, one, root) for one in shown]})


def _matches(event: Event, request: Request) -> bool:
    action, _, status = event.status.rpartition("_")
    if event.status.endswith("_IN_PROGRESS"):
        action, status = event.status.removesuffix("_IN_PROGRESS"), "IN_PROGRESS"
    values = {
        "resource_action": action,
        "resource_status": status,
        "resource_name": event.resource_name,
        "resource_type": event.resource_type,
    }
    return all(value in request.query[name] for name, value in values.items() if name in request.query)
