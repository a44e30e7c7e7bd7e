# SPDX-License-Identifier: Apache-2.0
"""Keystone's routes for domains, projects, users, roles, services, endpoints and regions."""

from typing import Any

from magnum_lite.pocketcloud import errors, identity_grants_api, identity_tokens_api
from magnum_lite.pocketcloud.identity_policy import check_admin, check_admin_of, check_any_admin
from magnum_lite.pocketcloud.records import Record, clone, paged, select
from magnum_lite.pocketcloud.web import Answer, Handler, Request, Route

FILTERS = ("name", "domain_id", "enabled", "type", "service_id", "interface", "region_id", "parent_id", "is_domain")
DEFAULTS: dict[str, Record] = {
    "domains": {"description": "", "enabled": True, "options": {}, "tags": []},
    "projects": {"description": "", "enabled": True, "is_domain": False, "options": {}, "tags": []},
    "roles": {"description": None, "domain_id": None, "options": {}},
    "services": {"description": "", "enabled": True, "name": ""},
    "endpoints": {"enabled": True, "region_id": "RegionOne"},
    "regions": {"description": "", "parent_region_id": None},
}
REQUIRED = {"services": ("type",), "endpoints": ("service_id", "interface", "url"), "regions": ()}


def routes() -> list[Route]:
    """Give the routes below /identity/v3."""
    table = [
        Route("GET", "/users", list_users),
        Route("POST", "/users", create_user),
        Route("GET", "/users/<ident>", get_user),
        Route("PATCH", "/users/<ident>", update_user),
        Route("DELETE", "/users/<ident>", delete_user),
        Route("POST", "/users/<ident>/password", change_password, open=True),
        Route("GET", "/users/<ident>/projects", list_user_projects),
        Route("GET", "/users/<ident>/groups", list_user_groups),
        Route("GET", "/groups", list_user_groups),
    ]
    for kind in DEFAULTS:
        table += _routes_of(kind)
    return [*identity_tokens_api.routes(), *table, *identity_grants_api.routes()]


def list_users(request: Request) -> Answer:
    """List users, for admins of the cloud or of the users' domain."""
    domain = request.first("domain_id") or request.scope.domain_id
    check_admin_of(request.scope, domain, "list_users")
    filters = {"domain_id": domain} if domain else {}
    return _listing(request, "users", filters)


def get_user(request: Request) -> Answer:
    """Show a user, also to the user."""
    user = request.cloud.identity.users.get(request.args["ident"])
    if user["id"] != request.scope.user_id:
        check_admin_of(request.scope, user["domain_id"], "get_user")
    return Answer(200, {"user": _linked(request, "users", user)})


def create_user(request: Request) -> Answer:
    """Make a user in a domain."""
    given = request.body("user")
    identity = request.cloud.identity
    domain = given.get("domain_id") or request.scope.domain_id or "default"
    check_admin_of(request.scope, domain, "create_user")
    identity.domains.get(domain)
    values = {key: value for key, value in given.items() if key not in ("password", "id")}
    user = {"enabled": True, "options": {}, **values, "name": _name(given, "user"), "domain_id": domain}
    made = identity.create_user({**user, "password_expires_at": None}, given.get("password"))
    return Answer(201, {"user": _linked(request, "users", made)})


def update_user(request: Request) -> Answer:
    """Change a user, the password too."""
    identity = request.cloud.identity
    user = identity.users.get(request.args["ident"])
    check_admin_of(request.scope, user["domain_id"], "update_user")
    given = request.body("user")
    if given.get("password"):
        identity.set_password(user["id"], given["password"])
    changes = {key: value for key, value in given.items() if key not in ("password", "id", "domain_id")}
    return Answer(200, {"user": _linked(request, "users", identity.update("users", user["id"], changes))})


def delete_user(request: Request) -> Answer:
    """Remove a user; its tokens die at once."""
    user = request.cloud.identity.users.get(request.args["ident"])
    check_admin_of(request.scope, user["domain_id"], "delete_user")
    request.cloud.identity.delete("users", user["id"])
    return Answer(204)


def change_password(request: Request) -> Answer:
    """Let a user change the own password by giving the old one."""
    given = request.body("user")
    new = given.get("password")
    if not isinstance(new, str) or not new:
        raise errors.bad_request("user.password: the new password must be text")
    request.cloud.identity.check_password(request.args["ident"], str(given.get("original_password")))
    request.cloud.identity.set_password(request.args["ident"], new)
    return Answer(204)


def list_user_projects(request: Request) -> Answer:
    """List the projects of a user."""
    user = request.cloud.identity.users.get(request.args["ident"])
    if user["id"] != request.scope.user_id:
        check_admin_of(request.scope, user["domain_id"], "list_user_projects")
    found = request.cloud.identity.targets_of(user["id"], "project")
    return Answer(200, {"projects": found, "links": _links(request, "users")})


def list_user_groups(request: Request) -> Answer:
    """Say that there are no groups here."""
    return Answer(200, {"groups": [], "links": _links(request, "groups")})


def _routes_of(kind: str) -> list[Route]:
    """Give the five routes that domains, projects, roles, services, endpoints and regions have alike."""
    return [
        Route("GET", f"/{kind}", _operation(f"list_{kind}", lambda request: _list(request, kind))),
        Route("POST", f"/{kind}", _operation(f"create_{kind[:-1]}", lambda request: _create(request, kind))),
        Route("GET", f"/{kind}/<ident>", _operation(f"get_{kind[:-1]}", lambda request: _get(request, kind))),
        Route("PATCH", f"/{kind}/<ident>", _operation(f"update_{kind[:-1]}", lambda request: _update(request, kind))),
        Route("DELETE", f"/{kind}/<ident>", _operation(f"delete_{kind[:-1]}", lambda request: _delete(request, kind))),
    ]


def _operation(name: str, handler: Handler) -> Handler:
    handler.__name__ = name
    return handler


def _list(request: Request, kind: str) -> Answer:
    if kind in ("domains", "roles"):
        check_any_admin(request.scope, f"list_{kind}")
    elif kind != "regions":
        check_admin_of(request.scope, request.first("domain_id"), f"list_{kind}")
    return _listing(request, kind, {})


def _get(request: Request, kind: str) -> Answer:
    record = request.cloud.identity.records(kind).get(request.args["ident"])
    own = (request.scope.project_id, request.scope.domain_id, request.scope.user_domain_id)
    if record["id"] not in own and kind not in ("regions", "roles"):
        check_admin(request.scope, f"get_{kind[:-1]}")
    return Answer(200, {kind[:-1]: _linked(request, kind, record)})


def _create(request: Request, kind: str) -> Answer:
    check_admin(request.scope, f"create_{kind[:-1]}")
    given = request.body(kind[:-1])
    for key in REQUIRED.get(kind, ("name",)):
        if not isinstance(given.get(key), str) or not given[key]:
            raise errors.bad_request(f"{kind[:-1]}.{key}: {given.get(key)!r} is not text of 1 character or more")
    values = {**clone(DEFAULTS[kind]), **given}
    if kind == "projects":
        values["domain_id"] = given.get("domain_id") or "default"
        request.cloud.identity.domains.get(values["domain_id"])
        values["parent_id"] = given.get("parent_id") or values["domain_id"]
    if kind == "endpoints":
        values["region"] = values["region_id"]
        request.cloud.identity.services.get(values["service_id"])
    if kind != "regions":
        values.pop("id", None)
    return Answer(201, {kind[:-1]: _linked(request, kind, request.cloud.identity.create(kind, values))})


def _update(request: Request, kind: str) -> Answer:
    check_admin(request.scope, f"update_{kind[:-1]}")
    changes = {key: value for key, value in request.body(kind[:-1]).items() if key not in ("id", "domain_id")}
    changed = request.cloud.identity.update(kind, request.args["ident"], changes)
    return Answer(200, {kind[:-1]: _linked(request, kind, changed)})


def _delete(request: Request, kind: str) -> Answer:
    check_admin(request.scope, f"delete_{kind[:-1]}")
    request.cloud.identity.delete(kind, request.args["ident"])
    return Answer(204)


def _listing(request: Request, kind: str, filters: dict[str, Any]) -> Answer:
    wanted = {**{key: request.query[key] for key in FILTERS if key in request.query}, **filters}
    found = paged(select(request.cloud.identity.records(kind), wanted), request.query)
    return Answer(200, {kind: [_linked(request, kind, one) for one in found], "links": _links(request, kind)})


def _linked(request: Request, kind: str, record: Record) -> Record:
    return {**clone(record), "links": {"self": f"{request.base_url}/{kind}/{record['id']}"}}


def _links(request: Request, kind: str) -> Record:
    return {"self": f"{request.base_url}/{kind}", "next": None, "previous": None}


def _name(given: Record, kind: str) -> str:
    name = given.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 255:
        raise errors.bad_request(f"{kind}.name: {name!r} is not text of 1 to 255 characters")
    return name
