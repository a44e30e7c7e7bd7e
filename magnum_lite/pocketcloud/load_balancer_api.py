# SPDX-License-Identifier: Apache-2.0
"""Octavia's routes."""

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.load_balancer_kinds import ATTRIBUTES
from magnum_lite.pocketcloud.records import Record, paged
from magnum_lite.pocketcloud.web import Answer, Handler, Request, Route

PATHS = {
    "loadbalancer": "/lbaas/loadbalancers",
    "listener": "/lbaas/listeners",
    "pool": "/lbaas/pools",
    "member": "/lbaas/pools/<pool_id>/members",
    "healthmonitor": "/lbaas/healthmonitors",
}


def routes() -> list[Route]:
    """Give the routes below /load-balancer/v2."""
    table = [
        Route("GET", "/lbaas/loadbalancers/<ident>/status", get_status),
        Route("GET", "/lbaas/loadbalancers/<ident>/statuses", get_status),
        Route("GET", "/lbaas/providers", list_providers),
        Route("GET", "/lbaas/quotas/<project>", get_quota),
        Route("PUT", "/lbaas/quotas/<project>", update_quota),
        Route("DELETE", "/lbaas/quotas/<project>", delete_quota),
    ]
    for kind, path in PATHS.items():
        table += _routes_of(kind, path)
    return table


def get_status(request: Request) -> Answer:
    """Show the tree of states of a load balancer."""
    return Answer(200, {"statuses": request.cloud.load_balancer.status(request.scope, request.args["ident"])})


def list_providers(request: Request) -> Answer:
    """List the names of what makes load balancers."""
    return Answer(200, {"providers": [{"name": name, "description": ""} for name in ("amphora", "ovn")]})


def get_quota(request: Request) -> Answer:
    """Show a project's limits."""
    if not request.scope.sees(request.args["project"]):
        raise errors.forbidden("Policy does not allow this request to be performed.")
    return Answer(200, {"quota": request.cloud.load_balancer.quotas.of(request.args["project"])})


def update_quota(request: Request) -> Answer:
    """Change a project's limits, for admins."""
    _check_admin(request)
    values = {key.replace("load_balancer", "loadbalancer"): value for key, value in request.body("quota").items()}
    with request.cloud.lock:
        request.cloud.load_balancer.quotas.change(request.args["project"], values)
    return Answer(202, {"quota": request.cloud.load_balancer.quotas.of(request.args["project"])})


def delete_quota(request: Request) -> Answer:
    """Give a project the default limits again, for admins."""
    _check_admin(request)
    with request.cloud.lock:
        request.cloud.load_balancer.quotas.reset(request.args["project"])
    return Answer(204)


def _routes_of(kind: str, path: str) -> list[Route]:
    return [
        Route("GET", path, _operation(f"list_{kind}s", lambda request: _list(request, kind))),
        Route("POST", path, _operation(f"create_{kind}", lambda request: _create(request, kind))),
        Route("GET", f"{path}/<ident>", _operation(f"get_{kind}", lambda request: _get(request, kind))),
        Route("PUT", f"{path}/<ident>", _operation(f"update_{kind}", lambda request: _update(request, kind))),
        Route("DELETE", f"{path}/<ident>", _operation(f"delete_{kind}", lambda request: _delete(request, kind))),
    ]


def _operation(name: str, handler: Handler) -> Handler:
    handler.__name__ = name
    return handler


def _list(request: Request, kind: str) -> Answer:
    known = {*ATTRIBUTES[kind], "id", "project_id", "provisioning_status", "operating_status"}
    filters = {key: values for key, values in request.query.items() if key in known}
    filters.update({key: [value] for key, value in _parent(request).items()})
    found = request.cloud.load_balancer.list(kind, request.scope, **filters)
    return Answer(200, {f"{kind}s": paged(found, request.query), f"{kind}s_links": []})


def _create(request: Request, kind: str) -> Answer:
    body = {**request.body(kind), **_parent(request)}
    return Answer(201, {kind: request.cloud.load_balancer.create(kind, request.scope, body)})


def _get(request: Request, kind: str) -> Answer:
    return Answer(200, {kind: request.cloud.load_balancer.get(kind, request.scope, request.args["ident"])})


def _update(request: Request, kind: str) -> Answer:
    changed = request.cloud.load_balancer.update(kind, request.scope, request.args["ident"], request.body(kind))
    return Answer(200, {kind: changed})


def _delete(request: Request, kind: str) -> Answer:
    cascade = request.first("cascade").lower() == "true"
    request.cloud.load_balancer.delete(kind, request.scope, request.args["ident"], cascade=cascade)
    return Answer(204)


def _parent(request: Request) -> Record:
    return {"pool_id": request.args["pool_id"]} if "pool_id" in request.args else {}


def _check_admin(request: Request) -> None:
    if not request.scope.is_admin:
        raise errors.forbidden("Policy does not allow this request to be performed.")
