# SPDX-License-Identifier: Apache-2.0
"""An authentication that knows a few users by their tokens and sets the headers that keystonemiddleware sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from magnum_lite.api.versions import Application


@dataclass(frozen=True)
class User:
    id: str
    project_id: str
    roles: str
    domain: str = "Default"
    token: Mapping[str, Any] = field(default_factory=dict)


CLUSTER_USER = "cluster-user-id"
"""The user of a cluster that ``Service.finish`` has completed."""

USERS = {
    "admin": User("admin-id", "admin-project", "admin,member,reader"),
    "demo": User("demo-id", "demo-project", "member,reader"),
    "colleague": User("colleague-id", "demo-project", "member,reader"),
    "reader": User("reader-id", "demo-project", "reader"),
    "other": User("other-id", "other-project", "member,reader"),
    "k8s_admin": User("k8s-admin-id", "demo-project", "k8s_admin"),
    "k8s_developer": User("k8s-developer-id", "demo-project", "k8s_developer"),
    "k8s_viewer": User("k8s-viewer-id", "demo-project", "k8s_viewer"),
    "cluster": User(CLUSTER_USER, "demo-project", "member,reader", domain="magnum"),
    "stranger": User("stranger-id", "demo-project", "guest"),
    "unscoped": User("demo-id", "", "member,reader"),
}

DELEGATED = {
    "cluster_by_trust": User(
        "demo-id", "demo-project", "member,reader", token={"OS-TRUST:trust": {"trustee_user": {"id": CLUSTER_USER}}}
    ),
    "somebody_by_trust": User(
        "demo-id", "demo-project", "member,reader", token={"OS-TRUST:trust": {"trustee_user": {"id": "heat-id"}}}
    ),
    "restricted": User("demo-id", "demo-project", "member", token={"application_credential": {"restricted": True}}),
    "unrestricted": User("demo-id", "demo-project", "member", token={"application_credential": {"restricted": False}}),
}
"""Those who log in by a trust or an application credential."""

HEADERS = (
    "HTTP_X_ROLES",
    "HTTP_X_USER_ID",
    "HTTP_X_USER_NAME",
    "HTTP_X_PROJECT_ID",
    "HTTP_X_USER_DOMAIN_NAME",
)


def known_users(application: Application) -> Application:
    """Take a user's name for a token; answer 401 as keystonemiddleware does for anything else."""

    def check(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        name = environ.get("HTTP_X_AUTH_TOKEN", "")
        user = USERS.get(name) or DELEGATED.get(name)
        for header in HEADERS:
            environ.pop(header, None)
        if user is None:
            headers = [("Content-Type", "text/plain"), ("WWW-Authenticate", 'Keystone uri="http://127.0.0.1/identity"')]
            start_response("401 Unauthorized", headers)
            return [b"Authentication required"]
        values = (user.roles, user.id, name, user.project_id, user.domain)
        environ.update(zip(HEADERS, values, strict=True))
        environ["keystone.token_info"] = {"token": user.token}
        return application(environ, start_response)

    return check
