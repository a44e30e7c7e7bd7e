# SPDX-License-Identifier: Apache-2.0
"""Who asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oslo_context import context as oslo_context


class RequestContext(oslo_context.RequestContext):
    """The person or service behind one request.

    ``auth_plugin`` is the keystoneauth plugin made from the requester's token; it lives only as long as
    the request and is never stored or sent in a message.
    """

    def __init__(self, *, auth_plugin: Any = None, **values: Any) -> None:
        super().__init__(**values)
        self.auth_plugin = auth_plugin


def granted_roles(wanted: Sequence[str], held: Sequence[str]) -> tuple[str, ...]:
    """Give the wanted roles that the requester holds, in the order wanted; never one that the requester lacks."""
    return tuple(role for role in wanted if role in held)
