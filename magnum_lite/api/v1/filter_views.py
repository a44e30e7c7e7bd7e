# SPDX-License-Identifier: Apache-2.0
"""What lists of clusters and of templates can be narrowed to (ours, beside Magnum's paging)."""

from __future__ import annotations

from wsme import types as wtypes

from magnum_lite.api.fields import Choice, Text
from magnum_lite.api.rules import Rule
from magnum_lite.api.scopes import project_asked_for
from magnum_lite.api.v1.paging_views import PageQuery
from magnum_lite.model.states import Health, Status
from magnum_lite.store.paging import Page

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class ProjectQuery(PageQuery):
    """A list that can be narrowed to one ``name``, which several may have, or to one project."""

    name = wtypes.wsattr(Text())
    project_id = wtypes.wsattr(Text())

    def to_page_for(self, rule: Rule) -> Page:
        """Give the part that is asked for; raise ``Forbidden`` when it names a project the requester must not see."""
        page = self.to_page()
        project_asked_for(rule, page.filters.get("project_id"))
        return page


class ClusterQuery(ProjectQuery):
    """``health_status`` UNKNOWN is what a cluster reported; one that never reported has none.

    ``cluster_template_id`` takes a UUID in small letters, as answers show it, and no name: names are not unique.
    """

    status = wtypes.wsattr(Choice(*Status))
    health_status = wtypes.wsattr(Choice(*Health))
    cluster_template_id = wtypes.wsattr(Text(pattern=UUID))
