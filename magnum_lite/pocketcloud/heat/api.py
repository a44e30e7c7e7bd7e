# SPDX-License-Identifier: Apache-2.0
"""Heat's routes for stacks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud.heat import (
    bodies,
    changes,
    event_api,
    info_api,
    lookup_api,
    refusals,
    resource_api,
    stack_lists,
    template_views,
    validation,
    views,
)
from magnum_lite.pocketcloud.heat.lookup_api import stack_of
from magnum_lite.pocketcloud.heat.outputs import all_outputs, output
from magnum_lite.pocketcloud.heat.stack import Wish
from magnum_lite.pocketcloud.heat.values import Json
from magnum_lite.pocketcloud.scope import Scope
from magnum_lite.pocketcloud.web import Answer, Request, Route

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

STACK = "/stacks/<stack_name>/<stack_id>"


def routes(cloud: "Cloud") -> list[Route]:
    """Give all of Heat's routes, as they stand below the project's URL."""
    return [
        Route("GET", "/stacks", list_stacks),
        Route("GET", "/stacks/detail", list_stacks),
        Route("POST", "/stacks", create_stack),
        Route("POST", "/stacks/preview", preview_stack, reads=True),
        Route("POST", "/validate", validate_template, reads=True),
        Route("GET", STACK, show_stack),
        Route("PUT", STACK, update_stack),
        Route("PATCH", STACK, patch_stack),
        Route("DELETE", STACK, delete_stack),
        Route("PUT,PATCH", f"{STACK}/preview", preview_update, reads=True),
        Route("POST", f"{STACK}/actions", act_on_stack),
        Route("GET", f"{STACK}/template", show_template),
        Route("GET", f"{STACK}/environment", show_environment),
        Route("GET", f"{STACK}/files", show_files),
        Route("GET", f"{STACK}/outputs", list_outputs),
        Route("GET", f"{STACK}/outputs/<output_key>", show_output),
        *resource_api.routes(),
        *event_api.routes(),
        *info_api.routes(),
        *lookup_api.routes(),
    ]


def list_stacks(request: Request) -> Answer:
    """List the project's stacks."""
    found, count = stack_lists.select(request)
    body: dict[str, Json] = {"stacks": [views.listed(request.base_url, stack) for stack in found]}
    return Answer(200, body if count is None else {**body, "count": count})


def create_stack(request: Request) -> Answer:
    """Begin a stack."""
    name, wish, terms = bodies.name_of(request.json), bodies.wish_of(request.json), bodies.terms_of(request.json)
    stack = request.cloud.orchestration.create(_scope(request), name, wish, terms)
    links = [{"href": views.stack_url(request.base_url, stack), "rel": "self"}]
    return Answer(201, {"stack": {"id": stack.id, "links": links}})


def preview_stack(request: Request) -> Answer:
    """Show what a stack would be."""
    name, wish, terms = bodies.name_of(request.json), bodies.wish_of(request.json), bodies.terms_of(request.json)
    wish, checked = _checked(request, wish, name)
    body = {
        "stack_name": name,
        "description": wish.template.description,
        "parameters": template_views.values(wish),
        "resources": views.preview(name, checked),
        "timeout_mins": terms.timeout_mins,
        "disable_rollback": terms.disable_rollback,
        "links": [],
    }
    return Answer(200, {"stack": body})


def validate_template(request: Request) -> Answer:
    """Say what a template declares, or what is wrong with it."""
    wish = bodies.wish_of(request.json)
    return Answer(200, template_views.declared(wish))


def show_stack(request: Request) -> Answer:
    """Show a stack."""
    with_outputs = bodies.boolean("resolve_outputs", request.first("resolve_outputs", "true"))
    return Answer(200, {"stack": views.shown(request.base_url, stack_of(request), with_outputs=with_outputs)})


def update_stack(request: Request) -> Answer:
    """Begin an update that says everything anew."""
    stack = stack_of(request)
    wish, terms = bodies.wish_of(request.json), bodies.terms_of(request.json, stack)
    request.cloud.orchestration.update(_scope(request), stack, wish, terms)
    return Answer(202)


def patch_stack(request: Request) -> Answer:
    """Begin an update that says only what changes."""
    stack = stack_of(request)
    wish, terms = bodies.changed_wish(request.json, stack.wish), bodies.terms_of(request.json, stack)
    request.cloud.orchestration.update(_scope(request), stack, wish, terms)
    return Answer(202)


def preview_update(request: Request) -> Answer:
    """Show what an update would do to each resource."""
    stack = stack_of(request)
    is_whole = request.json is not None and request.json.get("template") is not None
    wish = bodies.wish_of(request.json) if is_whole else bodies.changed_wish(request.json, stack.wish)
    _, checked = _checked(request, wish, stack.name)
    return Answer(200, {"resource_changes": changes.between(stack, checked)})


def delete_stack(request: Request) -> Answer:
    """Begin a stack's deletion."""
    request.cloud.orchestration.delete(_scope(request), stack_of(request, deleted=False))
    return Answer(204)


def act_on_stack(request: Request) -> Answer:
    """Cancel an update."""
    action = next(iter(bodies.mapping(request.json, "body")), None)
    if action not in ("cancel_update", "cancel_without_rollback"):
        raise refusals.bad_request(f"action: {action!r} is not one of cancel_update, cancel_without_rollback")
    request.cloud.orchestration.cancel(stack_of(request), rolls_back=action == "cancel_update")
    return Answer(202)


def show_template(request: Request) -> Answer:
    """Give a stack's template."""
    return Answer(200, dict(stack_of(request).wish.template.raw))


def show_environment(request: Request) -> Answer:
    """Give a stack's environment."""
    return Answer(200, stack_of(request).wish.environment.as_json())


def show_files(request: Request) -> Answer:
    """Give a stack's files."""
    return Answer(200, dict(stack_of(request).wish.files))


def list_outputs(request: Request) -> Answer:
    """List a stack's outputs, without their values."""
    found = all_outputs(stack_of(request))
    return Answer(
        200, {"outputs": [{"output_key": one.output.name, "description": one.output.description} for one in found]}
    )


def show_output(request: Request) -> Answer:
    """Show one output."""
    found = output(stack_of(request), request.args["output_key"])
    if found is None:
        raise refusals.not_found("Stack Output", request.args["output_key"])
    return Answer(200, {"output": views.output(found)})


def _scope(request: Request) -> Scope:
    return replace(request.scope, project_id=request.args["project_id"])


def _checked(request: Request, wish: Wish, name: str) -> tuple[Wish, Mapping[str, validation.Checked]]:
    scope = _scope(request)
    wish = validation.complete(wish, request.cloud, scope)
    return wish, validation.check(wish, request.cloud, scope, name)
