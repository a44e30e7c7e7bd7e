# SPDX-License-Identifier: Apache-2.0
"""Clusters."""

from __future__ import annotations

from magnum_lite.api import acceptance, cluster_patch, creation, idempotency, removal, sizing
from magnum_lite.api.current import answer, application_url, context, deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import ADMIN, CREATOR, MEMBER, OWN_CLUSTER, READER, Rule
from magnum_lite.api.v1.clusters_views import (
    SUMMARY_SAME,
    ClusterDetail,
    ClusterDetails,
    ClusterID,
    ClusterPatchQuery,
    Clusters,
    ClusterSummary,
    ClusterWish,
)
from magnum_lite.api.v1.filter_views import ClusterQuery
from magnum_lite.api.v1.paging_views import next_link
from magnum_lite.api.v1.patch_views import PatchOperation
from magnum_lite.errors import (
    CloudError,
    Conflict,
    InvalidLabel,
    InvalidNodegroup,
    NotFound,
    NotSupported,
    QuotaExceeded,
)
from magnum_lite.model import Cluster
from magnum_lite.store import clusters
from magnum_lite.store.engine import Session

CREATE = Rule("cluster:create", MEMBER, "Make a cluster.")
GET = Rule("cluster:get", f"{READER} or {OWN_CLUSTER}", "Show a cluster.", all_projects="cluster:get_one_all_projects")
GET_ALL = Rule("cluster:get_all", READER, "List clusters.", all_projects="cluster:get_all_all_projects")
DETAIL = Rule("cluster:detail", READER, "List clusters with details.", all_projects="cluster:detail_all_projects")
UPDATE = Rule("cluster:update", MEMBER, "Change a cluster.", all_projects="cluster:update_all_projects")
UPDATE_HEALTH = Rule(
    "cluster:update_health_status",
    f"{ADMIN} or ({CREATOR}) or {OWN_CLUSTER}",
    "Say how healthy a cluster is: who made it, and the cluster itself.",
    all_projects="cluster:update_health_status_all_projects",
)
DELETE = Rule("cluster:delete", MEMBER, "Delete a cluster.", all_projects="cluster:delete_all_projects")


@expose(
    "POST /v1/clusters",
    ClusterID,
    body=ClusterWish,
    status_code=202,
    rule=CREATE,
    raises=(InvalidLabel, QuotaExceeded, NotFound, Conflict, idempotency.KeyReused, CloudError),
    headers={idempotency.HEADER: "A key of the requester's choice; a request that comes again with it makes nothing."},
)
def create(body: ClusterWish) -> ClusterID:
    """Make a cluster; sent again with the same Idempotency-Key, give the same answer and make none."""
    key = idempotency.of_request()
    uuid = idempotency.find(key) or _create(body, key)
    answer().headers["Location"] = f"{application_url()}/v1/clusters/{uuid}"
    return ClusterID(uuid=uuid)


def _create(body: ClusterWish, key: idempotency.Key | None) -> str:
    request = body.to_request(default_timeout=deps().conf.conductor.default_create_timeout)
    sizing.check_nodeless(request.node_count)
    template = creation.get_template(body.cluster_template_id)
    uuid = creation.create(template, request, key)
    deps().conductor.nudge(uuid)
    return uuid


@expose("GET /v1/clusters", Clusters, query=ClusterQuery, rule=GET_ALL)
def list_(query: ClusterQuery) -> Clusters:
    """List the project's clusters, an administrator those of every project; filters and paging narrow the list."""
    page = query.to_page_for(GET_ALL)
    with deps().store.read() as session:
        scope = GET_ALL.scope(context())
        part = clusters.list_(session, scope, page, with_nodes=False, columns=SUMMARY_SAME)
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
    """Show a cluster."""
    with deps().store.read() as session:
        row = clusters.get(session, GET.scope(context()), ident)
    GET.check(context(), row)
    return ClusterDetail.of(row, faults=True)


@expose(
    "PATCH /v1/clusters/{ident}",
    ClusterID,
    body=[PatchOperation],
    query=ClusterPatchQuery,
    status_code=202,
    rule=UPDATE_HEALTH,
    also=(UPDATE,),
    raises=(NotSupported, InvalidNodegroup),
)
def update(ident: str, body: list[PatchOperation], query: ClusterPatchQuery) -> ClusterID:
    """Change the number of default workers, or what is said of the cluster's health."""
    query.check()

    def change(session: Session, cluster: Cluster) -> bool:
        return cluster_patch.apply(session, cluster, body, size=UPDATE, health=UPDATE_HEALTH)

    return ClusterID(uuid=acceptance.transact(ident, change, UPDATE, UPDATE_HEALTH).uuid)


@expose("DELETE /v1/clusters/{ident}", status_code=204, rule=DELETE)
def delete(ident: str) -> None:
    """Accept the removal in any status; asked a second time, give the same answer and begin nothing new."""
    removal.request(ident, DELETE)
