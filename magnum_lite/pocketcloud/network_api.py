# SPDX-License-Identifier: Apache-2.0
"""Neutron's routes."""

from typing import Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.network_kinds import KINDS, Kind
from magnum_lite.pocketcloud.records import Record, paged
from magnum_lite.pocketcloud.web import Answer, Handler, Request, Route

EXTENSIONS = (
    "address-scope",
    "agent",
    "allowed-address-pairs",
    "availability_zone",
    "binding",
    "default-subnetpools",
    "dns-integration",
    "ext-gw-mode",
    "external-net",
    "extraroute",
    "fip-port-details",
    "net-mtu",
    "pagination",
    "port-security",
    "project-id",
    "quota_details",
    "quotas",
    "router",
    "security-group",
    "sorting",
    "standard-attr-description",
    "standard-attr-timestamp",
    "subnet_allocation",
)
PAGING = {"limit", "marker", "sort_key", "sort_dir", "page_reverse", "fields"}


def routes() -> list[Route]:
    """Give the routes below /network/v2.0."""
    table = [
        Route("PUT", "/routers/<ident>/add_router_interface", add_router_interface),
        Route("PUT", "/routers/<ident>/remove_router_interface", remove_router_interface),
        Route("GET", "/extensions", list_extensions),
        Route("GET", "/extensions/<alias>", get_extension),
        Route("GET", "/availability_zones", list_availability_zones),
        Route("GET", "/quotas/<project>", get_quota),
        Route("GET", "/quotas/<project>/details", get_quota_details),
        Route("GET", "/quotas/<project>/default", get_default_quota),
        Route("PUT", "/quotas/<project>", update_quota),
        Route("DELETE", "/quotas/<project>", delete_quota),
    ]
    for kind in KINDS.values():
        table += _routes_of(kind)
    return table


def add_router_interface(request: Request) -> Answer:
    """Put a router on a subnet."""
    wanted = _interface_of(request)
    return Answer(200, request.cloud.network.add_router_interface(request.scope, request.args["ident"], **wanted))


def remove_router_interface(request: Request) -> Answer:
    """Take a router off a subnet."""
    wanted = _interface_of(request)
    return Answer(200, request.cloud.network.remove_router_interface(request.scope, request.args["ident"], **wanted))


def list_extensions(request: Request) -> Answer:
    """List what this Neutron can do."""
    return Answer(200, {"extensions": [_extension(alias) for alias in EXTENSIONS]})


def get_extension(request: Request) -> Answer:
    """Show one extension."""
    alias = request.args["alias"]
    if alias not in EXTENSIONS:
        raise errors.not_found(f"Extension with alias {alias} does not exist", "ExtensionNotFound")
    return Answer(200, {"extension": _extension(alias)})


def list_availability_zones(request: Request) -> Answer:
    """List the one zone."""
    zones = [{"name": "nova", "resource": resource, "state": "available"} for resource in ("network", "router")]
    return Answer(200, {"availability_zones": zones})


def get_quota(request: Request) -> Answer:
    """Show a project's limits."""
    return Answer(200, {"quota": request.cloud.network.quotas.of(_project(request))})


def get_quota_details(request: Request) -> Answer:
    """Show a project's limits and what is used of them."""
    network, project = request.cloud.network, _project(request)
    details = {
        name: {
            "limit": limit,
            "used": network.records[name].count(project) if name in network.records else 0,
            "reserved": 0,
        }
        for name, limit in network.quotas.of(project).items()
    }
    return Answer(200, {"quota": details})


def get_default_quota(request: Request) -> Answer:
    """Show the limits a new project has."""
    return Answer(200, {"quota": request.cloud.network.quotas.defaults})


def update_quota(request: Request) -> Answer:
    """Change a project's limits, for admins."""
    _check_admin(request)
    values = {
        key: value for key, value in request.body("quota").items() if key not in ("tenant_id", "project_id", "force")
    }
    with request.cloud.lock:
        request.cloud.network.quotas.change(_project(request), values)
    return get_quota(request)


def delete_quota(request: Request) -> Answer:
    """Give a project the default limits again, for admins."""
    _check_admin(request)
    with request.cloud.lock:
        request.cloud.network.quotas.reset(_project(request))
    return Answer(204)


def _routes_of(kind: Kind) -> list[Route]:
    """Give the five routes of a kind."""
    path = f"/{kind.plural.replace('_', '-')}"
    return [
        Route("GET", path, _operation(f"list_{kind.plural}", lambda request: _list(request, kind))),
        Route("POST", path, _operation(f"create_{kind.name}", lambda request: _create(request, kind))),
        Route("GET", f"{path}/<ident>", _operation(f"get_{kind.name}", lambda request: _get(request, kind))),
        Route("PUT", f"{path}/<ident>", _operation(f"update_{kind.name}", lambda request: _update(request, kind))),
        Route("DELETE", f"{path}/<ident>", _operation(f"delete_{kind.name}", lambda request: _delete(request, kind))),
    ]


def _operation(name: str, handler: Handler) -> Handler:
    handler.__name__ = name
    return handler


def _list(request: Request, kind: Kind) -> Answer:
    filters: dict[str, Any] = {key: values for key, values in request.query.items() if key not in PAGING}
    wanted_ips = filters.pop("fixed_ips", [])
    found = request.cloud.network.list(kind.name, request.scope, **filters)
    found = [one for one in found if all(_has_ip(one, wanted) for wanted in wanted_ips)]
    return Answer(200, {kind.plural: [_shown(request, one) for one in paged(found, request.query)]})


def _create(request: Request, kind: Kind) -> Answer:
    if isinstance(request.json, dict) and isinstance(request.json.get(kind.plural), list):
        made = [request.cloud.network.create(kind.name, request.scope, one) for one in request.json[kind.plural]]
        return Answer(201, {kind.plural: made})
    return Answer(201, {kind.name: request.cloud.network.create(kind.name, request.scope, request.body(kind.name))})


def _get(request: Request, kind: Kind) -> Answer:
    found = request.cloud.network.get(kind.name, request.scope, request.args["ident"])
    return Answer(200, {kind.name: _shown(request, found)})


def _update(request: Request, kind: Kind) -> Answer:
    body = request.body(kind.name)
    return Answer(200, {kind.name: request.cloud.network.update(kind.name, request.scope, request.args["ident"], body)})


def _delete(request: Request, kind: Kind) -> Answer:
    request.cloud.network.delete(kind.name, request.scope, request.args["ident"])
    return Answer(204)


def _shown(request: Request, record: Record) -> Record:
    """Keep only the fields the query asks for, if it does."""
    wanted = request.query.get("fields")
    return {key: value for key, value in record.items() if not wanted or key in wanted}


def _has_ip(record: Record, wanted: str) -> bool:
    key, _, value = wanted.partition("=")
    return any(ip.get(key) == value for ip in record.get("fixed_ips", []))


def _interface_of(request: Request) -> dict[str, str]:
    body = request.json if isinstance(request.json, dict) else {}
    wanted = {key: str(body[key]) for key in ("subnet_id", "port_id") if body.get(key)}
    if len(wanted) != 1:
        raise errors.bad_request("Bad router request: Either subnet_id or port_id must be specified.", "BadRequest")
    return wanted


def _project(request: Request) -> str:
    project = request.args["project"]
    if not request.scope.sees(project):
        raise errors.forbidden("Non-admin is not authorized to access other projects' quotas.", "PolicyNotAuthorized")
    return project


def _check_admin(request: Request) -> None:
    if not request.scope.is_admin:
        raise errors.forbidden("rule:update_quota is disallowed by policy", "PolicyNotAuthorized")


def _extension(alias: str) -> Record:
    return {"alias": alias, "name": alias, "description": "", "updated": "2026-01-01T00:00:00-00:00", "links": []}
