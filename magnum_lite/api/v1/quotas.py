# SPDX-License-Identifier: Apache-2.0
"""Quotas: how many clusters a project may have."""

from __future__ import annotations

from magnum_lite.api.current import answer, application_url, context, deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import ADMIN, READER, Rule
from magnum_lite.api.scopes import project_asked_for
from magnum_lite.api.v1.paging_views import next_link
from magnum_lite.api.v1.quotas_views import QuotaChange, QuotaQuery, Quotas, QuotaView, QuotaWish, check_resource
from magnum_lite.errors import Conflict, Forbidden, NotFound
from magnum_lite.store import quotas

CREATE = Rule("quota:create", ADMIN, "Set a project's quota.")
GET = Rule("quota:get", READER, "Show a project's quota.", all_projects="quota:get_one_all_projects")
GET_ALL = Rule("quota:get_all", ADMIN, "List quotas.", all_projects="quota:get_all_all_projects")
UPDATE = Rule("quota:update", ADMIN, "Change a project's quota.")
DELETE = Rule("quota:delete", ADMIN, "Remove a project's quota, so that the default holds.")


@expose("POST /v1/quotas", QuotaView, body=QuotaWish, status_code=201, rule=CREATE, raises=(NotFound, Conflict))
def create(body: QuotaWish) -> QuotaView:
    """Set how many of a resource a project may have, where no quota was set before."""
    project_id, resource, limit = body.to_values()
    deps().clouds.get_project(context(), project_id)
    now = deps().clock()
    row = deps().store.transact(lambda session: quotas.add(session, project_id, resource, limit, now))
    answer().headers["Location"] = f"{application_url()}/v1/quotas/{project_id}/{resource}"
    return QuotaView.of(row)


@expose("GET /v1/quotas", Quotas, query=QuotaQuery, rule=GET_ALL)
def list_(query: QuotaQuery) -> Quotas:
    """List the quotas that were set for the requester's project, or for every project with ``all_tenants``."""
    page, is_about_all = query.to_part()
    if is_about_all and not GET_ALL.reaches_all(context()):
        raise Forbidden(f"policy does not allow {GET_ALL.all_projects} for this token")
    with deps().store.read() as session:
        part = quotas.list_(session, None if is_about_all else context().project_id, page)
    also = {"all_tenants": True} if is_about_all else {}
    following = next_link("quotas", page, part, marked_by="id", also=also)
    return Quotas(quotas=[QuotaView.of(row) for row in part.rows], next=following)


@expose("GET /v1/quotas/{project_id}/{resource}", QuotaView, rule=GET)
def get(project_id: str, resource: str) -> QuotaView:
    """Show a project's quota: the one that was set, or the default without an id."""
    project_asked_for(GET, project_id)
    check_resource(resource)
    with deps().store.read() as session:
        row = quotas.find(session, project_id, resource)
    if row is not None:
        return QuotaView.of(row)
    default = deps().conf.quotas.max_clusters_per_project
    return QuotaView(project_id=project_id, resource=resource, hard_limit=default)


@expose("PATCH /v1/quotas/{project_id}/{resource}", QuotaView, body=QuotaChange, status_code=202, rule=UPDATE)
def update(project_id: str, resource: str, body: QuotaChange) -> QuotaView:
    """Give a quota another limit; the body is a plain object and no JSON patch."""
    limit = body.to_limit(project_id, check_resource(resource))
    now = deps().clock()
    return QuotaView.of(deps().store.transact(lambda session: quotas.change(session, project_id, resource, limit, now)))


@expose("DELETE /v1/quotas/{project_id}/{resource}", status_code=204, rule=DELETE)
def delete(project_id: str, resource: str) -> None:
    """Remove a quota, so that the project has the default limit again."""
    check_resource(resource)
    deps().store.transact(lambda session: quotas.remove(session, project_id, resource))
