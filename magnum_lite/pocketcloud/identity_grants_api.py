# SPDX-License-Identifier: Apache-2.0
"""Keystone's routes for role assignments: users' roles on projects and domains."""

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.identity import Grant, Identity
from magnum_lite.pocketcloud.identity_policy import check_admin_of, refusal
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.web import Answer, Request, Route


def routes() -> list[Route]:
    """Give the routes below /identity/v3."""
    one = "/<any(projects,domains):place>/<target>/users/<user>/roles/<role>"
    return [
        Route("GET", "/<any(projects,domains):place>/<target>/users/<user>/roles", list_grants),
        Route("GET", "/role_assignments", list_role_assignments),
        Route("HEAD,GET", one, check_grant),
        Route("PUT", one, create_grant),
        Route("DELETE", one, revoke_grant),
    ]


def list_grants(request: Request) -> Answer:
    """List the roles a user has on a project or domain."""
    target = _checked_target(request, "list_grants")
    roles = request.cloud.identity.roles_of(request.args["user"], target)
    return Answer(200, {"roles": roles, "links": {"self": request.base_url, "next": None, "previous": None}})


def check_grant(request: Request) -> Answer:
    """Answer 204 when the user has the role there, else 404."""
    target = _checked_target(request, "check_grant")
    held = request.cloud.identity.roles_of(request.args["user"], target)
    if request.args["role"] not in [role["id"] for role in held]:
        raise errors.not_found(f"Could not find role assignment with role: {request.args['role']}.")
    return Answer(204)


def create_grant(request: Request) -> Answer:
    """Give a user a role; again is fine."""
    target = _checked_target(request, "create_grant")
    request.cloud.identity.grant(request.args["user"], target, request.args["role"])
    return Answer(204)


def revoke_grant(request: Request) -> Answer:
    """Take a role from a user."""
    target = _checked_target(request, "revoke_grant")
    request.cloud.identity.revoke(request.args["user"], target, request.args["role"])
    return Answer(204)


def list_role_assignments(request: Request) -> Answer:
    """List grants by user, project, domain and role; users see their own, admins all."""
    identity = request.cloud.identity
    user = request.first("user.id")
    if not (request.scope.is_admin or user == request.scope.user_id):
        raise refusal("list_role_assignments")
    wanted = {
        ("project", request.first("scope.project.id")),
        ("domain", request.first("scope.domain.id")),
    }
    targets = {target for target in wanted if target[1]}
    role = request.first("role.id")
    found = [
        grant
        for grant in list(identity.grants)
        if (not user or grant.user_id == user)
        and (not targets or grant.target in targets)
        and (not role or grant.role_id == role)
    ]
    named = request.query.get("include_names", ["0"])[0].lower() not in ("0", "false")
    body = [_render(identity, grant, named=named) for grant in found]
    return Answer(200, {"role_assignments": body, "links": {"self": request.base_url, "next": None, "previous": None}})


def _checked_target(request: Request, operation: str) -> tuple[str, str]:
    """Read the project or domain, and check that the caller may speak of this user's roles."""
    user = request.cloud.identity.users.get(request.args["user"])
    if not (operation in ("list_grants", "check_grant") and user["id"] == request.scope.user_id):
        check_admin_of(request.scope, user["domain_id"], operation)
    return (request.args["place"][:-1], request.args["target"])


def _render(identity: Identity, grant: Grant, *, named: bool) -> Record:
    kind, ident = grant.target
    return {
        "user": _of(identity, "users", grant.user_id, named=named),
        "role": _of(identity, "roles", grant.role_id, named=named),
        "scope": {kind: _of(identity, f"{kind}s", ident, named=named)},
        "links": {},
    }


def _of(identity: Identity, kind: str, ident: str, *, named: bool) -> Record:
    if not named:
        return {"id": ident}
    record = identity.records(kind).get(ident)
    body = {"id": ident, "name": record["name"]}
    if record.get("domain_id"):
        domain = identity.domains.get(record["domain_id"])
        body["domain"] = {"id": domain["id"], "name": domain["name"]}
    return body
