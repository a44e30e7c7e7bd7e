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
from magnum_lite.api.v1.paging_views import PageQuery, next_link
from magnum_lite.errors import CloudError, Conflict, InvalidLabel, NotFound, QuotaExceeded
from magnum_lite.store import clusters

CREATE = Rule("cluster:create", MEMBER, "Make a cluster.")
GET = Rule("cluster:get", READER, "Show a cluster.", all_projects="cluster:get_one_all_projects")
GET_ALL = Rule("cluster:get_all", READER, "List clusters.", all_projects="cluster:get_all_all_projects")
DETAIL = Rule("cluster:detail", READER, "List clusters with details.", all_projects="cluster:detail_all_projects")
DELETE = Rule("cluster:delete", MEMBER, "Delete a cluster.", all_projects="cluster:delete_all_projects")


@expose(
    "POST /v1/clusters",
    ClusterID,
    body=ClusterWish,
    status_code=202,
    rule=CREATE,
    raises=(InvalidLabel, QuotaExceeded, NotFound, Conflict, CloudError),
)
def create(body: ClusterWish) -> ClusterID:
    request = body.to_request(version(), default_timeout=deps().conf.conductor.default_create_timeout)
    template = creation.get_template(body.cluster_template_id)
    uuid = creation.create(template, request)
    deps().conductor.nudge(uuid)
    answer().headers["Location"] = f"{application_url()}/v1/clusters/{uuid}"
    return ClusterID(uuid=uuid)


@expose("GET /v1/clusters", Clusters, query=PageQuery, rule=GET_ALL)
def list_(query: PageQuery) -> Clusters:
    page = query.to_page()
    with deps().store.read() as session:
        rows = clusters.list_(session, GET_ALL.scope(context()), page, with_nodes=False)
    return Clusters(clusters=[ClusterSummary.of(row) for row in rows], next=next_link("clusters", page, rows))


@expose("GET /v1/clusters/detail", ClusterDetails, query=PageQuery, rule=DETAIL)
def detail(query: PageQuery) -> ClusterDetails:
    page = query.to_page()
    with deps().store.read() as session:
        rows = clusters.list_(session, DETAIL.scope(context()), page, with_nodes=True)
    following = next_link("clusters/detail", page, rows)
    return ClusterDetails(clusters=[ClusterDetail.of(row) for row in rows], next=following)


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
