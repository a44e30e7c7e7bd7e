# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Keystone: domains, projects, users, roles, grants and tokens."""

import dataclasses
import datetime
import hashlib
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.records import Record, Records, clone
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

SENTENCE = "Could not find {label}: {ident}."
UNAUTHORIZED = "The request you have made requires authentication."


@dataclasses.dataclass(frozen=True)
class Token:
    """One issued token; `target` is ("project" | "domain" | "", id)."""

    id: str
    user_id: str
    target: tuple[str, str]
    methods: tuple[str, ...]
    issued: datetime.datetime
    expires: datetime.datetime
    audit_id: str


@dataclasses.dataclass(frozen=True)
class Grant:
    """A user's role on a project or a domain."""

    user_id: str
    target: tuple[str, str]
    role_id: str


class Identity:
    """Who there is and who may do what; every public method takes the cloud's lock itself."""

    def __init__(self, cloud: "Cloud") -> None:
        self._lock = cloud.lock
        self._token_seconds = cloud.settings.token_seconds
        self.domains = Records("domain", sentence=SENTENCE)
        self.projects = Records("project", sentence=SENTENCE)
        self.users = Records("user", sentence=SENTENCE)
        self.roles = Records("role", sentence=SENTENCE)
        self.services = Records("service", sentence=SENTENCE)
        self.endpoints = Records("endpoint", sentence=SENTENCE)
        self.regions = Records("region", sentence=SENTENCE)
        self.grants: dict[Grant, None] = {}
        self._passwords: dict[str, str] = {}
        self._tokens: dict[str, Token] = {}

    # Users and their passwords.

    def create(self, kind: str, values: dict[str, Any]) -> Record:
        """Make a domain, project, role, service, endpoint or region from the values; a taken name is a 409."""
        records = self.records(kind)
        with self._lock:
            self._check_name(records, values, "")
            return clone(records.add({**values, "id": values.get("id") or uuid.uuid4().hex}))

    def create_user(self, values: dict[str, Any], password: str | None) -> Record:
        """Make a user."""
        user = self.create("users", values)
        with self._lock:
            if password is not None:
                self._passwords[user["id"]] = _digest(user["id"], password)
        return user

    def update(self, kind: str, ident: str, values: dict[str, Any]) -> Record:
        """Change a record; a user who is disabled loses all tokens."""
        records = self.records(kind)
        with self._lock:
            record = records.get(ident)
            self._check_name(records, {**record, **values}, ident)
            record.update(values)
            if values.get("enabled") is False:
                self._forget_tokens(lambda token: ident in (token.user_id, token.target[1]))
            return clone(record)

    def delete(self, kind: str, ident: str) -> None:
        """Remove a record with its grants and tokens."""
        records = self.records(kind)
        with self._lock:
            if kind == "domains" and records.get(ident).get("enabled", True):
                raise errors.forbidden("Cannot delete a domain that is enabled, please disable it first.")
            records.get(ident)
            records.remove(ident)
            self._passwords.pop(ident, None)
            gone = [grant for grant in self.grants if ident in (grant.user_id, grant.target[1], grant.role_id)]
            for grant in gone:
                del self.grants[grant]
            self._forget_tokens(lambda token: ident in (token.user_id, token.target[1]))

    def set_password(self, user_id: str, password: str) -> None:
        """Give the user a new password; all tokens of the user end."""
        with self._lock:
            self.users.get(user_id)
            self._passwords[user_id] = _digest(user_id, password)
            self._forget_tokens(lambda token: token.user_id == user_id)

    def check_password(self, user_id: str, password: str) -> None:
        """Raise the 401 unless this is the user's password."""
        with self._lock:
            held = self._passwords.get(user_id, "")
        if not secrets.compare_digest(held, _digest(user_id, password)):
            raise errors.CloudFault(401, UNAUTHORIZED, "Unauthorized")

    def records(self, kind: str) -> Records:
        """Give the records of a kind by its plural name."""
        return {
            "domains": self.domains,
            "projects": self.projects,
            "users": self.users,
            "roles": self.roles,
            "services": self.services,
            "endpoints": self.endpoints,
            "regions": self.regions,
        }[kind]

    # Grants.

    def grant(self, user_id: str, target: tuple[str, str], role_id: str) -> None:
        """Give the user the role on ("project" | "domain", id); again is fine."""
        with self._lock:
            self.users.get(user_id)
            self.records(f"{target[0]}s").get(target[1])
            self.roles.get(role_id)
            self.grants[Grant(user_id, target, role_id)] = None

    def revoke(self, user_id: str, target: tuple[str, str], role_id: str) -> None:
        """Take the role away; tokens of the user for that project or domain end."""
        with self._lock:
            grant = Grant(user_id, target, role_id)
            if grant not in self.grants:
                raise errors.not_found(
                    f"Could not find role assignment with role: {role_id}, user or group: {user_id}."
                )
            del self.grants[grant]
            self._forget_tokens(lambda token: (token.user_id, token.target) == (user_id, target))

    def roles_of(self, user_id: str, target: tuple[str, str]) -> list[Record]:
        """List the user's roles on a project or domain."""
        with self._lock:
            held = [one.role_id for one in self.grants if (one.user_id, one.target) == (user_id, target)]
            return [clone(self.roles.get(ident)) for ident in held]

    def targets_of(self, user_id: str, kind: str) -> list[Record]:
        """List the enabled projects or domains on which the user has a role."""
        with self._lock:
            ids = dict.fromkeys(
                one.target[1] for one in self.grants if one.user_id == user_id and one.target[0] == kind
            )
            found = [self.records(f"{kind}s").get(ident) for ident in ids]
            return [clone(one) for one in found if one.get("enabled", True)]

    # Tokens.

    def issue(
        self, user_id: str, target: tuple[str, str], methods: tuple[str, ...], until: datetime.datetime | None = None
    ) -> Token:
        """Make a token for an enabled user with a role on the target; 401 otherwise."""
        issued = datetime.datetime.now(datetime.UTC)
        expires = until or issued + datetime.timedelta(seconds=self._token_seconds)
        with self._lock:
            self._check_usable(user_id, target)
            self._forget_tokens(lambda token: token.expires < issued - datetime.timedelta(days=2))
            token = Token(
                "pct-" + secrets.token_urlsafe(32), user_id, target, methods, issued, expires, secrets.token_urlsafe(16)
            )
            self._tokens[token.id] = token
            return token

    def find_token(self, ident: str, *, allow_expired: bool = False) -> Token | None:
        """Give the token if it is valid now (or was, with `allow_expired`)."""
        with self._lock:
            token = self._tokens.get(ident)
        if token is None or (not allow_expired and token.expires <= datetime.datetime.now(datetime.UTC)):
            return None
        return token

    def end_token(self, ident: str) -> None:
        """Revoke a token."""
        with self._lock:
            self._tokens.pop(ident, None)

    def scope_of(self, token_id: str) -> Scope | None:
        """Give the caller a token stands for; None when it is not valid."""
        token = self.find_token(token_id)
        if token is None:
            return None
        kind, ident = token.target
        roles = tuple(role["name"] for role in self.roles_of(token.user_id, token.target))
        with self._lock:
            user_domain = self.users.get(token.user_id)["domain_id"] if token.user_id in self.users else ""
        return Scope(
            token.user_id,
            ident if kind == "project" else "",
            roles,
            domain_id=ident if kind == "domain" else "",
            user_domain_id=user_domain,
            token=token.id,
        )

    def _check_usable(self, user_id: str, target: tuple[str, str]) -> None:
        user = self.users.get(user_id)
        domain = self.domains.get(user["domain_id"])
        usable = user.get("enabled", True) and domain.get("enabled", True)
        if target[0]:
            place = self.records(f"{target[0]}s").get(target[1])
            usable = (
                usable
                and place.get("enabled", True)
                and any((g.user_id, g.target) == (user_id, target) for g in self.grants)
            )
        if not usable:
            raise errors.CloudFault(401, UNAUTHORIZED, "Unauthorized")

    def _check_name(self, records: Records, values: dict[str, Any], own_id: str) -> None:
        if records in (self.endpoints, self.services):
            return
        key = ("name", "domain_id") if records in (self.projects, self.users) else ("name",)
        for one in records:
            if one["id"] == (values.get("id") or own_id) and one["id"] != own_id:
                raise errors.conflict(
                    f"Conflict occurred attempting to store {records.label} - Duplicate ID, {one['id']}.", "Conflict"
                )
            if records is not self.regions and one["id"] != own_id and all(one.get(k) == values.get(k) for k in key):
                place = f" at domain ID {values['domain_id']}" if len(key) > 1 else ""
                message = f"Duplicate entry found with name {values.get('name')}{place}."
                raise errors.conflict(f"Conflict occurred attempting to store {records.label} - {message}", "Conflict")

    def _forget_tokens(self, which: Any) -> None:
        for token in [one for one in self._tokens.values() if which(one)]:
            del self._tokens[token.id]


def _digest(user_id: str, password: str) -> str:
    """Hash a password; a fast hash will do, since nothing here outlives the process."""
    return hashlib.sha256(f"{user_id}:{password}".encode()).hexdigest()
