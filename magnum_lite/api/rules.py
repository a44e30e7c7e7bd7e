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
PROJECT_MEMBER = "rule:project_member"
MEMBER = "rule:admin_or_project_member"
READER = "rule:admin_or_project_reader"
KUBERNETES_USER = f"{MEMBER} or rule:project_kubernetes_user"
CA_READER = f"{READER} or rule:project_kubernetes_user"
OWN_CLUSTER = "rule:own_cluster"
CREATOR = "rule:project_member and user_id:%(user_id)s"
DEVELOPERS = "k8s_developer"
VIEWERS = "k8s_viewer"

_HERE = "project_id:%(project_id)s and is_cluster_user:False"

# A cluster acts as a user of its own, which has a member's role in the project. Whoever breaks into a cluster has that
# user's password, so it may do what a cluster's own software needs and nothing to any other cluster.
BASE = (
    (CONTEXT_IS_ADMIN, "role:admin", "Who is an administrator of the cloud."),
    ("project_member", f"(role:member or role:k8s_admin) and {_HERE}", "Who may change what a project has."),
    ("project_reader", f"(role:reader or role:{VIEWERS}) and {_HERE}", "Who may look at what a project has."),
    (
        "project_kubernetes_user",
        f"(role:k8s_admin or role:{DEVELOPERS} or role:{VIEWERS}) and {_HERE}",
        "Who may use Kubernetes in a project's clusters.",
    ),
    (
        "own_cluster",
        "is_cluster_user:True and project_id:%(project_id)s and user_id:%(cluster_user_id)s",
        "The user that was made for a cluster, about that cluster.",
    ),
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
        own = _target(context, None)
        is_allowed = self._allows(self.name, context, own) if row is None else self.allows(context, row)
        if not is_allowed:
            raise errors.Forbidden(f"policy does not allow {self.name} for this token")

    def scope(self, context: RequestContext) -> str | None:
        """Give the project whose rows this rule is about, or ``None`` for those of every project."""
        return None if self.reaches_all(context) else context.project_id

    def reaches_all(self, context: RequestContext) -> bool:
        return self.all_projects is not None and self._allows(self.all_projects, context, _target(context, None))

    def allows(self, context: RequestContext, row: Owned) -> bool:
        """Say whether the requester may do this to a row."""
        return self._allows(self.name, context, _target(context, row)) or self.reaches_all(context)

    def _allows(self, name: str, context: RequestContext, target: Mapping[str, Any]) -> bool:
        """Judge once in a request: a row of the requester's own is as good as the requester's project."""
        judged = current.judgements()
        key = (name, *target.values())
        if key not in judged:
            judged[key] = current.deps().policy.allows(name, context, target)
        return judged[key]


def _target(context: RequestContext, row: Owned | None) -> dict[str, Any]:
    """Say whose the row is; before there is one, what the requester may do to the requester's own.

    Only a cluster's user is asked whose cluster it is, so that for everybody else more rows are judged alike.
    """
    owner = context if row is None else row
    of_cluster = context.user_id if row is None else getattr(row, "cluster_user_id", None)
    return {
        "project_id": owner.project_id,
        "user_id": owner.user_id,
        "cluster_user_id": of_cluster if context.is_cluster_user else None,
    }
