# SPDX-License-Identifier: Apache-2.0
"""Nodegroups of a cluster."""

from __future__ import annotations

from magnum_lite.api import grouping
from magnum_lite.api.current import answer, application_url, context, deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import MEMBER, OWN_CLUSTER, READER, Rule
from magnum_lite.api.v1.nodegroups_views import (
    NodegroupDetail,
    NodegroupQuery,
    Nodegroups,
    NodegroupSummary,
    NodegroupWish,
)
from magnum_lite.api.v1.paging_views import next_link
from magnum_lite.api.v1.patch_views import PatchOperation
from magnum_lite.errors import CloudError, InvalidLabel, InvalidNodegroup, NotSupported
from magnum_lite.store import clusters, nodegroups

GET = Rule(
    "nodegroup:get",
    f"{READER} or {OWN_CLUSTER}",
    "Show a nodegroup.",
    all_projects="nodegroup:get_one_all_projects",
)
GET_ALL = Rule(
    "nodegroup:get_all",
    f"{READER} or {OWN_CLUSTER}",
    "List the nodegroups of a cluster.",
    all_projects="nodegroup:get_all_all_projects",
)
CREATE = Rule("nodegroup:create", MEMBER, "Add a nodegroup to a cluster.", all_projects="nodegroup:create_all_projects")
UPDATE = Rule("nodegroup:update", MEMBER, "Change a nodegroup.", all_projects="nodegroup:update_all_projects")
DELETE = Rule("nodegroup:delete", MEMBER, "Remove a nodegroup.", all_projects="nodegroup:delete_all_projects")


@expose("GET /v1/clusters/{ident}/nodegroups", Nodegroups, query=NodegroupQuery, rule=GET_ALL, since="1.9")
def list_(ident: str, query: NodegroupQuery) -> Nodegroups:
    """List the nodegroups of a cluster."""
    page = query.to_page()
    with deps().store.read() as session:
        cluster = clusters.get(session, GET_ALL.scope(context()), ident)
        GET_ALL.check(context(), cluster)
        part = nodegroups.list_(session, cluster.uuid, page)
    following = next_link(f"clusters/{cluster.uuid}/nodegroups", page, part)
    return Nodegroups(nodegroups=[NodegroupSummary.of(row) for row in part.rows], next=following)


@expose(
    "POST /v1/clusters/{ident}/nodegroups",
    NodegroupDetail,
    body=NodegroupWish,
    status_code=202,
    rule=CREATE,
    since="1.9",
    raises=(InvalidLabel, NotSupported, InvalidNodegroup, CloudError),
)
def create(ident: str, body: NodegroupWish) -> NodegroupDetail:
    """Add a nodegroup to a cluster."""
    cluster, group = grouping.create(ident, body.to_request(), CREATE)
    path = f"clusters/{cluster.uuid}/nodegroups/{group.uuid}"
    answer().headers["Location"] = f"{application_url()}/v1/{path}"
    return NodegroupDetail.of_cluster(group, cluster)


@expose("GET /v1/clusters/{ident}/nodegroups/{nodegroup}", NodegroupDetail, rule=GET, since="1.9")
def get(ident: str, nodegroup: str) -> NodegroupDetail:
    """Show a nodegroup."""
    with deps().store.read() as session:
        cluster = clusters.get(session, GET.scope(context()), ident)
    GET.check(context(), cluster)
    return NodegroupDetail.of_cluster(cluster.nodegroup(nodegroup), cluster)


@expose(
    "PATCH /v1/clusters/{ident}/nodegroups/{nodegroup}",
    NodegroupDetail,
    body=[PatchOperation],
    status_code=202,
    rule=UPDATE,
    since="1.9",
    raises=(NotSupported, InvalidNodegroup),
)
def update(ident: str, nodegroup: str, body: list[PatchOperation]) -> NodegroupDetail:
    """Change a nodegroup's bounds, or the labels and taints of its nodes."""
    cluster, group = grouping.update(ident, nodegroup, body, UPDATE)
    return NodegroupDetail.of_cluster(group, cluster)


@expose(
    "DELETE /v1/clusters/{ident}/nodegroups/{nodegroup}",
    status_code=204,
    rule=DELETE,
    since="1.9",
    raises=(NotSupported,),
)
def delete(ident: str, nodegroup: str) -> None:
    """Accept the removal of a nodegroup that is not one of the cluster's first two."""
    grouping.delete(ident, nodegroup, DELETE)
