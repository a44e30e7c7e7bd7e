# SPDX-License-Identifier: Apache-2.0
"""Cluster templates."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping
from typing import Any

from magnum_lite import errors
from magnum_lite.api import names, patch, template_checks, wire
from magnum_lite.api.current import answer, application_url, context, deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import ADMIN, MEMBER, READER, Rule
from magnum_lite.api.v1.clustertemplates_views import Template, Templates, TemplateWish, document_of
from magnum_lite.api.v1.filter_views import ProjectQuery
from magnum_lite.api.v1.paging_views import next_link
from magnum_lite.api.v1.patch_views import PatchOperation
from magnum_lite.model import ClusterTemplate
from magnum_lite.store import clusters, templates

CREATE = Rule("clustertemplate:create", MEMBER, "Make a cluster template.")
PUBLISH = Rule("clustertemplate:publish", ADMIN, "Make a cluster template public or hidden.")
GET = Rule(
    "clustertemplate:get", READER, "Show a cluster template.", all_projects="clustertemplate:get_one_all_projects"
)
GET_ALL = Rule(
    "clustertemplate:get_all", READER, "List cluster templates.", all_projects="clustertemplate:get_all_all_projects"
)
DETAIL = Rule(
    "clustertemplate:detail",
    READER,
    "List cluster templates with details.",
    all_projects="clustertemplate:detail_all_projects",
)
UPDATE = Rule(
    "clustertemplate:update", MEMBER, "Change a cluster template.", all_projects="clustertemplate:update_all_projects"
)
DELETE = Rule(
    "clustertemplate:delete", MEMBER, "Delete a cluster template.", all_projects="clustertemplate:delete_all_projects"
)

# These may be given another value, but not none.
KEPT = (
    "cluster_distro",
    "coe",
    "driver",
    "external_network_id",
    "hidden",
    "image_id",
    "name",
    "network_driver",
    "public",
    "registry_enabled",
    "server_type",
    "tls_disabled",
)


@expose(
    "POST /v1/clustertemplates",
    Template,
    body=TemplateWish,
    status_code=201,
    rule=CREATE,
    also=(PUBLISH,),
    raises=(errors.InvalidLabel, errors.CloudError),
)
def create(body: TemplateWish) -> Template:
    values = body.to_values()
    if values["public"] or values["hidden"]:
        PUBLISH.check(context())
    values["name"] = values["name"] or names.random_name("template")
    values |= template_checks.check(values, changed=values)
    row = ClusterTemplate(
        uuid=str(uuids.uuid4()),
        project_id=context().project_id,
        user_id=context().user_id,
        created_at=deps().clock(),
        updated_at=None,
        **values,
    )
    with deps().store.write() as session:
        session.add(row)
    answer().headers["Location"] = f"{application_url()}/v1/clustertemplates/{row.uuid}"
    return Template.of(row)


@expose("GET /v1/clustertemplates", Templates, query=ProjectQuery, rule=GET_ALL)
def list_(query: ProjectQuery) -> Templates:
    """List the templates that the project may use, its own and public ones; an administrator sees all."""
    return _list(query, GET_ALL, "clustertemplates")


@expose("GET /v1/clustertemplates/detail", Templates, query=ProjectQuery, rule=DETAIL)
def detail(query: ProjectQuery) -> Templates:
    """List templates as the plain list does: both show every field."""
    return _list(query, DETAIL, "clustertemplates/detail")


@expose("GET /v1/clustertemplates/{ident}", Template, rule=GET)
def get(ident: str) -> Template:
    with deps().store.read() as session:
        return Template.of(templates.get(session, GET.scope(context()), ident))


@expose(
    "PATCH /v1/clustertemplates/{ident}",
    Template,
    body=[PatchOperation],
    rule=UPDATE,
    also=(PUBLISH,),
    raises=(errors.InvalidLabel, errors.CloudError),
)
def update(ident: str, body: list[PatchOperation]) -> Template:
    with deps().store.read() as session:
        row = _own(templates.get(session, UPDATE.scope(context()), ident), UPDATE)
        is_used = clusters.count_of_template(session, row.uuid) > 0
    before = document_of(row)
    wish = wire.read(TemplateWish, patch.apply(before, body, kept=KEPT)).to_values()
    changed = {name: value for name, value in wish.items() if value != before[name]}
    _check_change(row, changed, is_used=is_used)
    changed |= template_checks.check(wish, changed=changed)
    with deps().store.write() as session:
        row = templates.get(session, UPDATE.scope(context()), row.uuid)
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            row.updated_at = deps().clock()
    return Template.of(row)


@expose("DELETE /v1/clustertemplates/{ident}", status_code=204, rule=DELETE)
def delete(ident: str) -> None:
    with deps().store.write() as session:
        row = _own(templates.get(session, DELETE.scope(context()), ident), DELETE)
        used = clusters.count_of_template(session, row.uuid)
        if used:
            raise errors.BadRequest(f"Cluster template {row.name} is in use by {used} clusters: delete them first")
        session.delete(row)


def _list(query: ProjectQuery, rule: Rule, path: str) -> Templates:
    page = query.to_page_for(rule)
    with deps().store.read() as session:
        part = templates.list_(session, rule.scope(context()), page)
    return Templates(clustertemplates=[Template.of(row) for row in part.rows], next=next_link(path, page, part))


def _own(row: ClusterTemplate, rule: Rule) -> ClusterTemplate:
    """Give the row if the requester may change it: seeing another project's public template is not enough."""
    rule.check(context(), row)
    return row


def _check_change(row: ClusterTemplate, changed: Mapping[str, Any], *, is_used: bool) -> None:
    if {"public", "hidden"} & changed.keys():
        PUBLISH.check(context())
    harmless = not changed or (
        len(changed) == 1
        and (
            changed.get("public") is True
            or "hidden" in changed
            or changed.get("tags") is not None
            or changed.get("name") is not None
        )
    )
    if is_used and not harmless:
        names_ = ", ".join(sorted(changed))
        raise errors.BadRequest(
            f"Cluster template {row.name} is in use, so {names_} cannot be changed: "
            "one of public (to true), hidden, tags or name can"
        )
