# SPDX-License-Identifier: Apache-2.0
"""Policy rules: who may do what, each declared beside the route it guards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from magnum_lite import errors
from magnum_lite.api import current
from magnum_lite.context import RequestContext

CONTEXT_IS_ADMIN = "context_is_admin"
ADMIN = "rule:context_is_admin"
MEMBER = "rule:admin_or_project_member"
READER = "rule:admin_or_project_reader"

BASE = (
    (CONTEXT_IS_ADMIN, "role:admin", "Who is an administrator of the cloud."),
    ("project_member", "role:member and project_id:%(project_id)s", "Who may change what a project has."),
    ("project_reader", "role:reader and project_id:%(project_id)s", "Who may look at what a project has."),
    ("admin_or_project_member", f"{ADMIN} or rule:project_member", "A member of the project, or an administrator."),
    (
        "admin_or_project_reader",
        f"{ADMIN} or rule:project_reader or rule:project_member",
        "A reader or member of the project, or an administrator.",
    ),
)


class Owned(Protocol):
    """A row that belongs to a project and was made by a user."""

    @property
    def project_id(self) -> Any: ...
    @property
    def user_id(self) -> Any: ...


@dataclass(frozen=True)
class Rule:
    """Who may do one thing.

    ``all_projects`` names the rule that lets a requester do it to what other projects own; without one nobody may.
    """

    name: str
    default: str
    sentence: str
    all_projects: str | None = None

    def check(self, context: RequestContext, row: Owned | None = None) -> None:
        """Raise ``Forbidden`` unless the requester may do this, to the row or in the requester's own project."""
        if not self._allows(self.name, context, _target(context, row)) and not (row and self.reaches_all(context)):
            raise errors.Forbidden(f"policy does not allow {self.name} for this token")

    def scope(self, context: RequestContext) -> str | None:
        """Give the project whose rows this rule is about, or ``None`` for those of every project."""
        return None if self.reaches_all(context) else context.project_id

    def reaches_all(self, context: RequestContext) -> bool:
        return self.all_projects is not None and self._allows(self.all_projects, context, _target(context, None))

    def _allows(self, name: str, context: RequestContext, target: Mapping[str, Any]) -> bool:
        """Judge once in a request: a row of the requester's own is as good as the requester's project."""
        judged = current.judgements()
        key = (name, target["project_id"], target["user_id"])
        if key not in judged:
            judged[key] = current.deps().policy.allows(name, context, target)
        return judged[key]


def _target(context: RequestContext, row: Owned | None) -> dict[str, Any]:
    owner = context if row is None else row
    return {"project_id": owner.project_id, "user_id": owner.user_id}
