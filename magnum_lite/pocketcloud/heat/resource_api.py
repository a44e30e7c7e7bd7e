# SPDX-License-Identifier: Apache-2.0
"""Heat's routes for the resources of a stack."""

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import bodies, refusals, views
from magnum_lite.pocketcloud.heat.lookup_api import stack_of
from magnum_lite.pocketcloud.heat.resources import waiting
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.web import Answer, Request, Route

RESOURCES = "/stacks/<stack_name>/<stack_id>/resources"
DEEPEST = 20


def routes() -> list[Route]:
    """Give the routes."""
    return [
        Route("GET", RESOURCES, list_resources),
        Route("GET", f"{RESOURCES}/<resource_name>", show_resource),
        Route("PATCH", f"{RESOURCES}/<resource_name>", mark_resource),
        Route("GET", f"{RESOURCES}/<resource_name>/metadata", show_metadata),
        Route("POST", f"{RESOURCES}/<resource_name>/signal", signal_resource, open=True),
    ]


def resource_of(request: Request) -> Resource:
    """Give the resource that a request is about, by its name or the id of what was made."""
    stack, name = stack_of(request), request.args["resource_name"]
    resource = stack.resources.get(name)
    if resource is None:
        resource = next((one for one in list(stack.resources.values()) if name in (one.physical_id, one.id)), None)
    if resource is None:
        raise refusals.resource_not_found(name, stack.name)
    return resource


def depth_of(request: Request) -> int:
    """Give how deep into nested stacks a list is to look."""
    given = request.first("nested_depth", "0")
    if given.lower() in ("true", "max"):
        return DEEPEST
    if not given.isdigit():
        raise refusals.bad_request(f"nested_depth: {given!r} is not a number")
    return min(int(given), DEEPEST)


def list_resources(request: Request) -> Answer:
    """List a stack's resources, those of nested stacks too if asked for."""
    stacks = stack_of(request).below(depth_of(request))
    listed = [pair for stack in stacks for pair in views.resources(request.base_url, stack)]
    return Answer(200, {"resources": [shown for resource, shown in listed if _matches(resource, request)]})


def show_resource(request: Request) -> Answer:
    """Show a resource with its attributes."""
    body = views.resource_shown(request.base_url, resource_of(request), request.query.get("with_attr", []))
    return Answer(200, {"resource": body})


def show_metadata(request: Request) -> Answer:
    """Show a resource's metadata."""
    return Answer(200, {"metadata": resource_of(request).metadata or {}})


def mark_resource(request: Request) -> Answer:
    """Mark a resource as unhealthy, or healthy again."""
    body = bodies.mapping(request.json, "body")
    for key in body:
        if key not in ("mark_unhealthy", "resource_status_reason"):
            raise refusals.bad_request(f"Unexpected keyword(s) {key}. It takes mark_unhealthy, resource_status_reason")
    if "mark_unhealthy" not in body:
        raise refusals.bad_request("Missing mandatory (mark_unhealthy) key from mark unhealthy request")
    is_unhealthy = bodies.boolean("mark_unhealthy", body["mark_unhealthy"])
    reason = str(body.get("resource_status_reason") or "")
    request.cloud.orchestration.mark_unhealthy(resource_of(request), is_unhealthy=is_unhealthy, reason=reason)
    return Answer(200)


def signal_resource(request: Request) -> Answer:
    """Signal a resource; its own signal token will do, or any token that may write in the project."""
    token = request.headers.get("X-Auth-Token", "")
    scope = request.cloud.identity.scope_of(token)
    may = scope is not None and scope.may_write and scope.sees(request.args["project_id"])
    try:
        resource = resource_of(request)
    except CloudFault:
        if not may:
            raise CloudFault(401, "Authentication required", "Unauthorized") from None
        raise
    if not may and not waiting.may_signal(resource, token):
        raise CloudFault(401, "Authentication required", "Unauthorized")
    request.cloud.orchestration.signal(resource, bodies.mapping(request.json or {}, "body"))
    return Answer(200)


def _matches(resource: Resource, request: Request) -> bool:
    values = {
        "type": resource.definition.type,
        "name": resource.name,
        "physical_resource_id": resource.physical_id,
        "status": resource.status,
        "action": resource.action,
        "id": resource.id,
    }
    return all(value in request.query[name] for name, value in values.items() if name in request.query)
