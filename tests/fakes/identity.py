# SPDX-License-Identifier: Apache-2.0
"""An authentication that knows a few users by their tokens and sets the headers that keystonemiddleware sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from magnum_lite.api.versions import Application


@dataclass(frozen=True)
class User:
    id: str
    project_id: str
    roles: str


USERS = {
    "admin": User("admin-id", "admin-project", "admin,member,reader"),
    "demo": User("demo-id", "demo-project", "member,reader"),
    "colleague": User("colleague-id", "demo-project", "member,reader"),
    "reader": User("reader-id", "demo-project", "reader"),
    "other": User("other-id", "other-project", "member,reader"),
    "stranger": User("stranger-id", "demo-project", "guest"),
    "unscoped": User("demo-id", "", "member,reader"),
}


def known_users(application: Application) -> Application:
    """Take a user's name for a token; answer 401 as keystonemiddleware does for anything else."""

    def check(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        user = USERS.get(environ.get("HTTP_X_AUTH_TOKEN", ""))
        for name in ("HTTP_X_ROLES", "HTTP_X_USER_ID", "HTTP_X_PROJECT_ID"):
            environ.pop(name, None)
        if user is None:
            headers = [("Content-Type", "text/plain"), ("WWW-Authenticate", 'Keystone uri="http://127.0.0.1/identity"')]
            start_response("401 Unauthorized", headers)
            return [b"Authentication required"]
        environ["HTTP_X_ROLES"] = user.roles
        environ["HTTP_X_USER_ID"] = user.id
        environ["HTTP_X_PROJECT_ID"] = user.project_id
        return application(environ, start_response)

    return check
