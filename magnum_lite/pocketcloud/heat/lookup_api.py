# SPDX-License-Identifier: Apache-2.0
"""Finding the stack that a request is about, by name, id or both."""

from urllib.parse import quote, urlencode

from magnum_lite.pocketcloud.heat import refusals, views
from magnum_lite.pocketcloud.heat.stack import Stack
from magnum_lite.pocketcloud.web import Answer, Handler, Request, Route

METHODS = "GET,POST,PUT,PATCH,DELETE"
PARTS = ("resources", "events", "template", "environment", "files", "outputs", "actions")


def routes() -> list[Route]:
    """Give the routes with only one of name and id; they lead to the one with both."""
    return [
        Route(METHODS, "/stacks/<name>", lookup_stack, reads=True),
        *(Route(METHODS, f"/stacks/<name>/{part}", _part(part), reads=True) for part in PARTS),
        Route(METHODS, "/stacks/<name>/resources/<path:rest>", lookup_resource, reads=True),
        Route(METHODS, "/stacks/<name>/outputs/<rest>", lookup_output, reads=True),
    ]


def stack_of(request: Request, *, deleted: bool = True) -> Stack:
    """Give the stack named by both name and id in the path; 404 when there is none, or it has another name."""
    stack = request.cloud.orchestration.find(request.args["project_id"], request.args["stack_id"])
    is_right = stack is not None and stack.id == request.args["stack_id"] and stack.name == request.args["stack_name"]
    if stack is None or not is_right or (stack.deleted is not None and not deleted):
        raise refusals.not_found("Stack", request.args["stack_name"])
    return stack


def lookup_stack(request: Request) -> Answer:
    """Lead to a stack."""
    return _lead(request, "")


def lookup_resource(request: Request) -> Answer:
    """Lead to a stack's resource."""
    return _lead(request, f"/resources/{quote(request.args['rest'])}")


def lookup_output(request: Request) -> Answer:
    """Lead to a stack's output."""
    return _lead(request, f"/outputs/{quote(request.args['rest'])}")


def _part(part: str) -> Handler:
    def lookup_part(request: Request) -> Answer:
        return _lead(request, f"/{part}")

    return lookup_part


def _lead(request: Request, rest: str) -> Answer:
    stack = request.cloud.orchestration.find(request.args["project_id"], request.args["name"])
    if stack is None:
        raise refusals.not_found("Stack", request.args["name"])
    query = urlencode(dict(request.query), doseq=True)
    location = views.stack_url(request.base_url, stack) + rest + (f"?{query}" if query else "")
    return Answer(302, {"location": location}, {"Location": location})
