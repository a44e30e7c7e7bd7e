# SPDX-License-Identifier: Apache-2.0
"""Queries for clusters, with their nodegroups and nodes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, load_only
from sqlalchemy.orm.attributes import set_committed_value

from magnum_lite.errors import Conflict, NotFound
from magnum_lite.model import (
    Authority,
    Cluster,
    ClusterEvent,
    Node,
    Nodegroup,
    Operation,
    Reservation,
    Secret,
)
from magnum_lite.store.paging import Page, Part, paged

UUID_PATTERN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

SUMMED_UP = (Nodegroup.uuid, Nodegroup.cluster_uuid, Nodegroup.role, Nodegroup.node_count)


def get(session: Session, project_id: str | None, ident: str) -> Cluster:
    """Give the cluster with this UUID or name, its nodegroups and nodes loaded: two statements.

    ``project_id`` limits the search to one project; ``None`` searches all. Raises ``NotFound``, and ``Conflict`` when
    several clusters have the name.
    """
    query = _with_nodegroups(sa.select(Cluster)).where(*_named(project_id, ident))
    found: list[Cluster] = list(session.scalars(query.limit(2)).unique())
    if not found:
        raise NotFound("Cluster", ident)
    if len(found) > 1:
        raise Conflict(f"Multiple clusters exist with the name {ident}: use the UUID instead")
    load_nodes(session, found)
    return found[0]


def get_locked(session: Session, project_id: str | None, ident: str) -> Cluster:
    """``get``, but nobody else changes the cluster until the transaction ends: one statement more."""
    session.execute(sa.select(Cluster.id).where(*_named(project_id, ident)).with_for_update())
    return get(session, project_id, ident)


def find(session: Session, uuid: str) -> Cluster | None:
    """Give the cluster with this UUID, nodegroups and nodes loaded, or ``None``."""
    return _find(session, Cluster.uuid == uuid)


def get_of_node(session: Session, node_uuid: str) -> Cluster:
    """Give the cluster of a node as ``find`` gives it: two statements. Raises ``NotFound``."""
    found = _find(session, Cluster.uuid == sa.select(Node.cluster_uuid).where(Node.uuid == node_uuid).scalar_subquery())
    if found is None:
        raise NotFound("Node", node_uuid)
    return found


def _find(session: Session, which: sa.ColumnElement[bool]) -> Cluster | None:
    cluster = session.scalars(_with_nodegroups(sa.select(Cluster)).where(which)).unique().first()
    if cluster is not None:
        load_nodes(session, [cluster])
    return cluster


def list_(
    session: Session, project_id: str | None, page: Page, *, with_nodes: bool, columns: Sequence[str] | None = None
) -> Part[Cluster]:
    """List clusters with their nodegroups, and their nodes if asked for: at most three statements.

    ``columns`` names those of a cluster that are wanted, all by default; of its nodegroups there are role and number of
    nodes. Whatever else is touched raises: reading it for a thousand clusters takes longer than all the rest.
    Raises ``NotFound`` for a marker that is not there.
    """
    visible = _of_project(project_id)
    marker = None
    if page.marker is not None:
        marker = session.scalars(sa.select(Cluster).where(visible, Cluster.uuid == page.marker)).first()
        if marker is None:
            raise NotFound("Cluster", str(page.marker))
    loading = [joinedload(Cluster.nodegroups).load_only(*SUMMED_UP, raiseload=True)]
    if columns is not None:
        loading.append(load_only(*(getattr(Cluster, name) for name in columns), raiseload=True))
    query = paged(sa.select(Cluster).options(*loading).where(visible), Cluster, page, marker)
    part = Part.of(session.scalars(query).unique().all(), page)
    if with_nodes:
        load_nodes(session, part.rows)
    return part


def load_nodes(session: Session, clusters: Iterable[Cluster]) -> None:
    """Load the nodes of these clusters with one statement, whatever their number."""
    groups = [group for cluster in clusters for group in cluster.nodegroups]
    if not groups:
        return
    uuids = sorted({group.cluster_uuid for group in groups})
    rows = session.scalars(sa.select(Node).where(Node.cluster_uuid.in_(uuids)).order_by(Node.index))
    nodes = defaultdict(list)
    for node in rows:
        nodes[node.nodegroup_uuid].append(node)
    for group in groups:
        set_committed_value(group, "nodes", nodes[group.uuid])


def count(session: Session, project_id: str | None) -> int:
    """Count the clusters of a project, or of all with ``None``, in every status."""
    return session.scalar(sa.select(sa.func.count(Cluster.id)).where(_of_project(project_id))) or 0


def count_nodes(session: Session, project_id: str | None) -> int:
    """Count the nodes wanted in the clusters of a project, or of all with ``None``; masters are among them."""
    query = sa.select(sa.func.sum(Nodegroup.node_count)).join(Cluster, Cluster.uuid == Nodegroup.cluster_uuid)
    return int(session.scalar(query.where(_of_project(project_id))) or 0)


def count_of_template(session: Session, template_uuid: str) -> int:
    """Count the clusters made from a template."""
    query = sa.select(sa.func.count(Cluster.id)).where(Cluster.cluster_template_id == template_uuid)
    return session.scalar(query) or 0


def set_trust(session: Session, uuid: str, trust_id: str) -> None:
    """Write by which trust a cluster acts."""
    session.execute(sa.update(Cluster).where(Cluster.uuid == uuid).values(trust_id=trust_id))


def has_user(session: Session, project_id: str, user_id: str) -> bool:
    """Say whether a user is the one that a cluster of the project acts as."""
    query = sa.select(Cluster.id).where(Cluster.project_id == project_id, Cluster.cluster_user_id == user_id)
    return session.scalar(query.limit(1)) is not None


def remove(session: Session, uuid: str) -> None:
    """Remove a cluster and every row that belongs to it."""
    for row in (ClusterEvent, Operation, Authority, Secret, Node, Nodegroup, Reservation):
        session.execute(sa.delete(row).where(row.cluster_uuid == uuid))
    session.execute(sa.delete(Cluster).where(Cluster.uuid == uuid))


def _with_nodegroups(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.options(joinedload(Cluster.nodegroups))


def _named(project_id: str | None, ident: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _matches(ident), _of_project(project_id)


def _of_project(project_id: str | None) -> sa.ColumnElement[bool]:
    return sa.true() if project_id is None else Cluster.project_id == project_id


def _matches(ident: str) -> sa.ColumnElement[bool]:
    if UUID_PATTERN.fullmatch(ident):
        return sa.or_(Cluster.uuid == ident.lower(), Cluster.name == ident)
    return Cluster.name == ident
