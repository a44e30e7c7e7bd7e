# SPDX-License-Identifier: Apache-2.0
"""Clusters."""

from __future__ import annotations

from magnum_lite.api import creation, removal
from magnum_lite.api.current import answer, application_url, context, deps, version
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import MEMBER, READER, Rule
from magnum_lite.api.v1.clusters_views import (
    ClusterDetail,
    ClusterDetails,
    ClusterID,
    Clusters,
    ClusterSummary,
    ClusterWish,
)
from magnum_lite.api.v1.filter_views import ClusterQuery
from magnum_lite.api.v1.paging_views import next_link
from magnum_lite.store import clusters

CREATE = Rule("cluster:create", MEMBER, "Make a cluster.")
GET = Rule("cluster:get", READER, "Show a cluster.", all_projects="cluster:get_one_all_projects")
GET_ALL = Rule("cluster:get_all", READER, "List clusters.", all_projects="cluster:get_all_all_projects")
DETAIL = Rule("cluster:detail", READER, "List clusters with details.", all_projects="cluster:detail_all_projects")
DELETE = Rule("cluster:delete", MEMBER, "Delete a cluster.", all_projects="cluster:delete_all_projects")


@expose("POST /v1/clusters", ClusterID, body=ClusterWish, status_code=202, rule=CREATE)
def create(body: ClusterWish) -> ClusterID:
    request = body.to_request(version(), default_timeout=deps().conf.conductor.default_create_timeout)
    template = creation.get_template(body.cluster_template_id)
    uuid = creation.create(template, request)
    deps().conductor.nudge(uuid)
    answer().headers["Location"] = f"{application_url()}/v1/clusters/{uuid}"
    return ClusterID(uuid=uuid)


@expose("GET /v1/clusters", Clusters, query=ClusterQuery, rule=GET_ALL)
def list_(query: ClusterQuery) -> Clusters:
    """List the project's clusters, an administrator those of every project; filters and paging narrow the list."""
    page = query.to_page_for(GET_ALL)
    with deps().store.read() as session:
        part = clusters.list_(session, GET_ALL.scope(context()), page, with_nodes=False)
    return Clusters(clusters=[ClusterSummary.of(row) for row in part.rows], next=next_link("clusters", page, part))


@expose("GET /v1/clusters/detail", ClusterDetails, query=ClusterQuery, rule=DETAIL)
def detail(query: ClusterQuery) -> ClusterDetails:
    """List clusters as the plain list does, each with all that is known of it."""
    page = query.to_page_for(DETAIL)
    with deps().store.read() as session:
        part = clusters.list_(session, DETAIL.scope(context()), page, with_nodes=True)
    following = next_link("clusters/detail", page, part)
    return ClusterDetails(clusters=[ClusterDetail.of(row) for row in part.rows], next=following)


@expose("GET /v1/clusters/{ident}", ClusterDetail, rule=GET)
def get(ident: str) -> ClusterDetail:
    with deps().store.read() as session:
        row = clusters.get(session, GET.scope(context()), ident)
    GET.check(context(), row)
    return ClusterDetail.of(row, faults=True)


@expose("DELETE /v1/clusters/{ident}", status_code=204, rule=DELETE)
def delete(ident: str) -> None:
    """Accept the removal in any status; asked a second time, give the same answer and begin nothing new."""
    uuid = removal.request(ident, DELETE)
    deps().conductor.nudge(uuid)
