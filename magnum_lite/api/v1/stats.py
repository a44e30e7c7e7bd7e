# SPDX-License-Identifier: Apache-2.0
"""Statistics: how much there is."""

from __future__ import annotations

from magnum_lite.api.current import deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import READER, Rule
from magnum_lite.api.scopes import project_asked_for
from magnum_lite.api.v1.stats_views import Stats, StatsQuery
from magnum_lite.store import clusters

GET_ALL = Rule(
    "stats:get_all", READER, "Count the clusters and nodes of a project.", all_projects="stats:get_all_all_projects"
)


@expose("GET /v1/stats", Stats, query=StatsQuery, rule=GET_ALL)
def get(query: StatsQuery) -> Stats:
    """Count the clusters and nodes of a project; for an administrator who names none, those of the whole cloud."""
    project_id = project_asked_for(GET_ALL, query.to_project())
    with deps().store.read() as session:
        return Stats(
            clusters=clusters.count(session, project_id),
            nodes=clusters.count_nodes(session, project_id),
        )
