# SPDX-License-Identifier: Apache-2.0
"""Keystone's routes for tokens: issue, validate, revoke, and what a token may be scoped to."""

import datetime
from typing import Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.identity import UNAUTHORIZED, Identity, Token
from magnum_lite.pocketcloud.identity_policy import refusal
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.web import Answer, Request, Route

Target = tuple[str, str]


def routes() -> list[Route]:
    """Give the routes below /identity/v3."""
    return [
        Route("POST", "/auth/tokens", issue_token, open=True),
        Route("GET,HEAD", "/auth/tokens", validate_token),
        Route("DELETE", "/auth/tokens", revoke_token),
        Route("GET", "/auth/catalog", get_catalog),
        Route("GET", "/auth/projects", list_auth_projects),
        Route("GET", "/auth/domains", list_auth_domains),
        Route("GET", "/auth/system", list_auth_system),
    ]


def issue_token(request: Request) -> Answer:
    """Authenticate by password or token, scope as asked, and give a new token."""
    identity = request.cloud.identity
    auth = request.body("auth")
    wanted = auth.get("identity")
    if not isinstance(wanted, dict) or not isinstance(wanted.get("methods"), list):
        raise errors.bad_request(
            "Expecting to find identity.methods in auth. The server could not comply with the request."
        )
    methods = tuple(str(one) for one in wanted["methods"])
    if methods == ("password",):
        user, until = _by_password(identity, wanted.get("password")), None
    elif methods == ("token",):
        user, until = _by_token(identity, wanted.get("token"))
    else:
        raise CloudFault(
            401, f"Attempted to authenticate with an unsupported method: {', '.join(methods)}.", "Unauthorized"
        )
    target = _target(identity, auth.get("scope"), user)
    token = identity.issue(user["id"], target, methods, until)
    body = {"token": render(identity, token)}
    return Answer(201, body, {"X-Subject-Token": token.id, "Vary": "X-Auth-Token"})


def validate_token(request: Request) -> Answer:
    """Say whose a token is and what it may do; services, admins and the owner may ask."""
    token = _subject(request, allow_expired=request.first("allow_expired").lower() in ("1", "true"))
    if not ({"admin", "service"} & set(request.scope.roles) or token.user_id == request.scope.user_id):
        raise refusal("validate_token")
    body = {"token": render(request.cloud.identity, token, catalog="nocatalog" not in request.query)}
    return Answer(200, body, {"X-Subject-Token": token.id, "Vary": "X-Auth-Token"})


def revoke_token(request: Request) -> Answer:
    """End a token, for its owner or an admin."""
    token = _subject(request)
    if not (request.scope.is_admin or token.user_id == request.scope.user_id):
        raise refusal("revoke_token")
    request.cloud.identity.end_token(token.id)
    return Answer(204)


def get_catalog(request: Request) -> Answer:
    """Give the catalog of the caller's token."""
    body = render_catalog(request.cloud.identity, request.scope.project_id)
    return Answer(200, {"catalog": body, "links": {"self": f"{request.base_url}/auth/catalog"}})


def list_auth_projects(request: Request) -> Answer:
    """List the projects the caller may scope a token to."""
    return _targets(request, "project")


def list_auth_domains(request: Request) -> Answer:
    """List the domains the caller may scope a token to."""
    return _targets(request, "domain")


def list_auth_system(request: Request) -> Answer:
    """Say that nobody has a role on the system."""
    return Answer(
        200, {"system": [], "links": {"self": f"{request.base_url}/auth/system", "next": None, "previous": None}}
    )


def render(identity: Identity, token: Token, *, catalog: bool = True) -> Record:
    """Write a token as Keystone does."""
    kind, ident = token.target
    user = identity.users.get(token.user_id)
    body: Record = {
        "methods": list(token.methods),
        "user": {
            "id": user["id"],
            "name": user["name"],
            "domain": _named(identity.domains.get(user["domain_id"])),
            "password_expires_at": None,
        },
        "audit_ids": [token.audit_id],
        "issued_at": _moment(token.issued),
        "expires_at": _moment(token.expires),
    }
    if kind:
        body["roles"] = [_named(role) for role in identity.roles_of(token.user_id, token.target)]
    if kind == "project":
        project = identity.projects.get(ident)
        body["project"] = {**_named(project), "domain": _named(identity.domains.get(project["domain_id"]))}
        body["is_domain"] = False
    if kind == "domain":
        body["domain"] = _named(identity.domains.get(ident))
    if kind and catalog:
        body["catalog"] = render_catalog(identity, ident if kind == "project" else "")
    return body


def render_catalog(identity: Identity, project_id: str) -> list[Record]:
    """Write the catalog for a project; endpoints that need a project in their URL are left out without one."""
    entries = []
    for service in identity.services:
        ends = [
            {
                "id": end["id"],
                "interface": end["interface"],
                "region": end["region_id"],
                "region_id": end["region_id"],
                "url": end["url"].replace("%(project_id)s", project_id),
            }
            for end in identity.endpoints
            if end["service_id"] == service["id"] and end["enabled"] and (project_id or "%(" not in end["url"])
        ]
        entries.append({"id": service["id"], "type": service["type"], "name": service["name"], "endpoints": ends})
    return entries


def _by_password(identity: Identity, method: Any) -> Record:
    given = method.get("user") if isinstance(method, dict) else None
    if not isinstance(given, dict) or not isinstance(given.get("password"), str):
        raise errors.bad_request("Expecting to find user.password in auth.identity.password.")
    user = _find(identity, "users", given)
    identity.check_password(user["id"], given["password"])
    return user


def _by_token(identity: Identity, method: Any) -> tuple[Record, datetime.datetime]:
    ident = method.get("id") if isinstance(method, dict) else None
    token = identity.find_token(str(ident))
    if token is None:
        raise CloudFault(401, UNAUTHORIZED, "Unauthorized")
    return identity.users.get(token.user_id), token.expires


def _target(identity: Identity, scope: Any, user: Record) -> Target:
    """Read the wanted scope; without one, the user's default project if there is a role on it."""
    if scope is None:
        default = ("project", user.get("default_project_id") or "")
        return default if identity.roles_of(user["id"], default) else ("", "")
    if scope == "unscoped" or (isinstance(scope, dict) and "unscoped" in scope):
        return ("", "")
    for kind in ("project", "domain"):
        if isinstance(scope, dict) and isinstance(scope.get(kind), dict):
            return (kind, _find(identity, f"{kind}s", scope[kind])["id"])
    raise CloudFault(401, UNAUTHORIZED, "Unauthorized")


def _find(identity: Identity, kind: str, given: Record) -> Record:
    """Find a user, project or domain by id, or by name and domain; 401 tells nothing about what exists."""
    domain = given.get("domain") if kind != "domains" else None
    domain_id = _find(identity, "domains", domain)["id"] if isinstance(domain, dict) and "id" not in given else None
    for one in identity.records(kind):
        if one["id"] == given.get("id"):
            return one
        named = "name" in given and one["name"] == given["name"]
        if named and "id" not in given and (kind == "domains" or one["domain_id"] == domain_id):
            return one
    raise CloudFault(401, UNAUTHORIZED, "Unauthorized")


def _subject(request: Request, *, allow_expired: bool = False) -> Token:
    ident = request.headers.get("X-Subject-Token", "")
    token = request.cloud.identity.find_token(ident, allow_expired=allow_expired)
    if token is None or token.user_id not in request.cloud.identity.users:
        raise errors.not_found(f"Could not find token: {ident[:8]}...", "Not Found")
    return token


def _targets(request: Request, kind: str) -> Answer:
    found = request.cloud.identity.targets_of(request.scope.user_id, kind)
    links = {"self": f"{request.base_url}/auth/{kind}s", "next": None, "previous": None}
    return Answer(200, {f"{kind}s": found, "links": links})


def _named(record: Record) -> Record:
    return {"id": record["id"], "name": record["name"]}


def _moment(value: datetime.datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
