# SPDX-License-Identifier: Apache-2.0
"""Who asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oslo_context import context as oslo_context


class RequestContext(oslo_context.RequestContext):
    """The person or service behind one request.

    ``auth_plugin`` is the keystoneauth plugin made from the requester's token; it lives only as long as
    the request and is never stored or sent in a message. ``is_cluster_user`` says that no person asks but a cluster,
    from inside, as the user that was made for it.
    """

    def __init__(self, *, auth_plugin: Any = None, is_cluster_user: bool = False, **values: Any) -> None:
        super().__init__(**values)
        self.auth_plugin = auth_plugin
        self.is_cluster_user = is_cluster_user

    def to_policy_values(self) -> dict[str, Any]:
        """Give what policy rules may say of the requester: oslo.context's words, and ``is_cluster_user``."""
        return {**super().to_policy_values(), "is_cluster_user": self.is_cluster_user}


def granted_roles(wanted: Sequence[str], held: Sequence[str]) -> tuple[str, ...]:
    """Give the wanted roles that the requester holds, in the order wanted; never one that the requester lacks."""
    return tuple(role for role in wanted if role in held)
