# SPDX-License-Identifier: Apache-2.0
"""Accepting the removal of a cluster."""

from __future__ import annotations

from magnum_lite.api import acceptance
from magnum_lite.api.current import deps
from magnum_lite.api.rules import Rule
from magnum_lite.model import Cluster
from magnum_lite.model.states import Status, Verb
from magnum_lite.store import operations
from magnum_lite.store.engine import Session


def request(ident: str, rule: Rule) -> None:
    """Write down that a cluster shall go, unless that is written already."""
    acceptance.transact(ident, begin, rule)


def begin(session: Session, cluster: Cluster) -> bool:
    """Write down that a cluster shall go, unless that is written already; say that there is work for a conductor."""
    begun = operations.find_open(session, cluster.uuid)
    if begun is not None and begun.verb == Verb.DELETE:
        return True
    groups = [(group, Status.DELETE_IN_PROGRESS) for group in cluster.nodegroups]
    acceptance.begin(session, cluster, Verb.DELETE, now=deps().clock(), message="asked for the removal", groups=groups)
    return True
