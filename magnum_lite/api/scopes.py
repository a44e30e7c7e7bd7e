# SPDX-License-Identifier: Apache-2.0
"""Whose things a request is about when it names a project."""

from __future__ import annotations

from magnum_lite.api.current import context
from magnum_lite.api.rules import Rule
from magnum_lite.errors import Forbidden


def project_asked_for(rule: Rule, project_id: str | None) -> str | None:
    """Give the project whose rows are asked for, ``None`` for those of every project.

    A request that names none is about all that its requester may see. Raises ``Forbidden`` for another project than
    the requester's own unless the rule reaches all.
    """
    scope = rule.scope(context())
    if scope is not None and project_id not in (None, scope):
        raise Forbidden(f"this token is of project {scope}, and policy does not allow {rule.name} in {project_id}")
    return project_id or scope
