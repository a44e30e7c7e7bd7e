# SPDX-License-Identifier: Apache-2.0
"""Keystone: the users of clusters and their roles, projects, and where services are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from keystoneauth1.plugin import AUTH_INTERFACE

from magnum_lite.clouds.naming import is_path_segment, quoted
from magnum_lite.clouds.session import KEYSTONE, CloudSession, adapter, get_json
from magnum_lite.clouds.translation import translated
from magnum_lite.errors import CloudConflict, CloudError, CloudForbidden, CloudNotFound, NotFound

# A cluster's user logs in for years without a person who could answer to a password policy.
_USER_OPTIONS = {"ignore_password_expiry": True, "ignore_change_password_upon_first_use": True}


@dataclass(frozen=True)
class Project:
    """Whom things belong to."""

    id: str
    name: str


def get_project(session: CloudSession, project_id: str) -> Project:
    """Give the project with this ID; raise ``NotFound``."""
    if not is_path_segment(project_id):
        raise NotFound("Project", project_id)
    try:
        body = get_json(session, KEYSTONE, f"/projects/{quoted(project_id)}")
    except CloudNotFound as error:
        raise NotFound("Project", project_id) from error
    with translated(KEYSTONE.name):
        return Project(str(body["project"]["id"]), str(body["project"]["name"]))


@dataclass(frozen=True)
class User:
    """A user; ``is_changed`` says that the password was changed just now.

    Keystone ends the tokens of the time before by the second, so one of the next second may be taken for such a token.
    """

    id: str
    is_changed: bool = False


def ensure_user(session: CloudSession, domain: str, name: str, password: str | None) -> User:
    """Give the enabled user of this name in the domain of that name, with this password.

    Without a password a user that is there is left as it is, and a new one cannot log in yet.
    """
    domain_id = _id_of(session, "domain", domain)
    user_id = _find_user(session, domain_id, name)
    if user_id is None:
        try:
            return User(_create_user(session, domain_id, name, password))
        except CloudConflict:
            # Somebody else made it since we looked.
            user_id = _find_user(session, domain_id, name)
            if user_id is None:
                raise
    if password is None or _can_log_in(session, user_id, password):
        return User(user_id)
    _set_password(session, user_id, password)
    return User(user_id, is_changed=True)


def ensure_role(session: CloudSession, user_id: str, project_id: str, role_names: Iterable[str]) -> None:
    """Give a user these roles on a project; it keeps the others it has."""
    for name in role_names:
        try:
            _grant(session, user_id, project_id, _id_of(session, "role", name))
        except CloudNotFound:
            # The role may have been made anew since its ID was learnt.
            session.known_ids.clear()
            _grant(session, user_id, project_id, _id_of(session, "role", name))


def with_implied(session: CloudSession, role_names: Sequence[str]) -> list[str]:
    """Give these roles and all that they imply, as a token has them.

    Heat has each stack's trust give all roles of the token, and Keystone refuses that where ours gives fewer.
    """
    rules = get_json(session, KEYSTONE, "/role_inferences")
    with translated(KEYSTONE.name):
        implied = {
            rule["prior_role"]["name"]: [str(role["name"]) for role in rule["implies"]]
            for rule in rules["role_inferences"]
        }
    found = list(role_names)
    for name in found:
        found += [other for other in implied.get(name, ()) if other not in found]
    return found


def create_trust(
    session: CloudSession, *, trustor_id: str, trustee_id: str, project_id: str, role_names: Iterable[str]
) -> str:
    """Have the session's own user trust another one with roles on a project; give the trust's ID.

    The other one then acts in the first one's name, and may have Heat do so once more: Heat makes a trust of its own
    for each stack, and Keystone wants both for that.
    """
    trust = {
        "trustor_user_id": trustor_id,
        "trustee_user_id": trustee_id,
        "project_id": project_id,
        "roles": [{"name": name} for name in role_names],
        "impersonation": True,
        "allow_redelegation": True,
        "redelegation_count": 1,
    }
    with translated(KEYSTONE.name):
        answer = adapter(session, KEYSTONE).post("/OS-TRUST/trusts", json={"trust": trust})
        return str(answer.json()["trust"]["id"])


def has_trust(session: CloudSession, trust_id: str) -> bool:
    """Say whether a trust still stands: Keystone ends it with either user and with the project."""
    try:
        get_json(session, KEYSTONE, f"/OS-TRUST/trusts/{quoted(trust_id)}")
    except CloudNotFound:
        return False
    return True


def remove_user(session: CloudSession, domain: str, name: str) -> None:
    """Make the user of this name in the domain of that name gone, with its roles; it may be gone already."""
    user_id = _find_user(session, _id_of(session, "domain", domain), name)
    if user_id is None:
        return
    try:
        with translated(KEYSTONE.name):
            adapter(session, KEYSTONE).delete(f"/users/{user_id}")
    except CloudNotFound:
        return


def endpoint_of(session: CloudSession, service_type: str) -> str:
    """Give the URL of a service in the catalog, for the region and interface of ``[service_clients]``."""
    where = {"service_type": service_type, "region_name": session.region_name, "interface": session.interface}
    return _endpoint(session, where)


def public_url(session: CloudSession) -> str:
    """Give Keystone's URL as everybody reaches it, ending in ``/v3``, whichever endpoints we ourselves call."""
    where = {"service_type": KEYSTONE.type, "region_name": session.region_name, "interface": "public"}
    url = _endpoint(session, where).rstrip("/")
    return url if url.endswith("/v3") else f"{url}/v3"


def auth_url(session: CloudSession) -> str:
    """Give the URL at which this session's own identity logs in."""
    return _endpoint(session, {"interface": AUTH_INTERFACE})


def _endpoint(session: CloudSession, where: dict[str, Any]) -> str:
    with translated(KEYSTONE.name):
        url = session.get_endpoint(**where)
    if url is None:
        raise CloudError(KEYSTONE.name, f"no endpoint was found for {where}", retriable=False)
    return url


def _find_user(session: CloudSession, domain_id: str, name: str) -> str | None:
    users = get_json(session, KEYSTONE, "/users", {"domain_id": domain_id, "name": name})
    return _only_id(users, "users", name)


def _create_user(session: CloudSession, domain_id: str, name: str, password: str | None) -> str:
    user: dict[str, Any] = {"name": name, "domain_id": domain_id, "enabled": True, "options": _USER_OPTIONS}
    if password is not None:
        user["password"] = password
    with translated(KEYSTONE.name):
        # Not logged, as the body carries the password.
        answer = adapter(session, KEYSTONE).post("/users", json={"user": user}, log=False)
        return str(answer.json()["user"]["id"])


def _can_log_in(session: CloudSession, user_id: str, password: str) -> bool:
    method = {"methods": ["password"], "password": {"user": {"id": user_id, "password": password}}}
    asked = {"auth": {"identity": method, "scope": "unscoped"}}
    try:
        with translated(KEYSTONE.name):
            adapter(session, KEYSTONE).post("/auth/tokens", json=asked, authenticated=False, log=False)
    except CloudForbidden:
        return False
    return True


def _set_password(session: CloudSession, user_id: str, password: str) -> None:
    change = {"user": {"password": password, "enabled": True}}
    with translated(KEYSTONE.name):
        adapter(session, KEYSTONE).patch(f"/users/{user_id}", json=change, log=False)


def _grant(session: CloudSession, user_id: str, project_id: str, role_id: str) -> None:
    with translated(KEYSTONE.name):
        adapter(session, KEYSTONE).put(f"/projects/{project_id}/users/{user_id}/roles/{role_id}")


def _id_of(session: CloudSession, kind: str, name: str) -> str:
    known = session.known_ids.get((kind, name))
    if known is not None:
        return known
    found = _only_id(get_json(session, KEYSTONE, f"/{kind}s", {"name": name}), f"{kind}s", name)
    if found is None:
        raise CloudNotFound(KEYSTONE.name, f"there is no {kind} {name!r}")
    session.known_ids[kind, name] = found
    return found


def _only_id(body: dict[str, Any], key: str, name: str) -> str | None:
    with translated(KEYSTONE.name):
        return next((str(row["id"]) for row in body[key] if row["name"] == name), None)
