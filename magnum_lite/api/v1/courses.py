# SPDX-License-Identifier: Apache-2.0
"""How a cluster is getting on: its nodes, its events, its operations (ours, beside Magnum's API)."""

from __future__ import annotations

from magnum_lite.api.current import context, deps
from magnum_lite.api.routes import expose
from magnum_lite.api.v1.clusters import GET
from magnum_lite.api.v1.courses_views import Events, EventView, Nodes, NodeView, Operations, OperationView
from magnum_lite.store import clusters, operations
from magnum_lite.store import events as event_store


@expose("GET /v1/clusters/{ident}/nodes", Nodes, rule=GET)
def nodes(ident: str) -> Nodes:
    """List a cluster's nodes and how far each one is."""
    with deps().store.read() as session:
        cluster = clusters.get(session, GET.scope(context()), ident)
    GET.check(context(), cluster)
    return Nodes(nodes=[NodeView.of(row) for row in cluster.nodes])


@expose("GET /v1/clusters/{ident}/events", Events, rule=GET)
def events(ident: str) -> Events:
    """List what happened to a cluster."""
    with deps().store.read() as session:
        cluster = clusters.get(session, GET.scope(context()), ident)
        GET.check(context(), cluster)
        rows = event_store.list_(session, cluster.uuid)
    return Events(events=[EventView.of(row) for row in rows])


@expose("GET /v1/clusters/{ident}/operations", Operations, rule=GET)
def list_operations(ident: str) -> Operations:
    """List what was asked of a cluster and how it ended."""
    with deps().store.read() as session:
        cluster = clusters.get(session, GET.scope(context()), ident)
        GET.check(context(), cluster)
        rows = operations.list_(session, cluster.uuid)
    return Operations(operations=[OperationView.of(row) for row in rows])
