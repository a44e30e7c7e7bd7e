# SPDX-License-Identifier: Apache-2.0
"""What can be done with a cluster: give a nodegroup another size, take the cluster to another template."""

from __future__ import annotations

from magnum_lite.api import acceptance, sizing, upgrading
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import MEMBER, OWN_CLUSTER, Rule
from magnum_lite.api.v1.actions_views import ResizeWish, UpgradeWish
from magnum_lite.api.v1.clusters_views import ClusterID
from magnum_lite.errors import InvalidNodegroup, NotSupported
from magnum_lite.model import Cluster
from magnum_lite.model.states import Verb
from magnum_lite.store.engine import Session

RESIZE = Rule(
    "cluster:resize",
    f"{MEMBER} or {OWN_CLUSTER}",
    "Change the number of nodes of a nodegroup, or replace some of its nodes.",
    all_projects="cluster:resize_all_projects",
)
UPGRADE = Rule(
    "cluster:upgrade", MEMBER, "Take a cluster to another template.", all_projects="cluster:upgrade_all_projects"
)


@expose(
    "POST /v1/clusters/{ident}/actions/resize",
    ClusterID,
    body=ResizeWish,
    status_code=202,
    rule=RESIZE,
    since="1.7",
    raises=(NotSupported, InvalidNodegroup),
)
def resize(ident: str, body: ResizeWish) -> ClusterID:
    """Change the number of nodes of a nodegroup; nodes that are named go, and are replaced where the number allows."""
    sizing.check_nodeless(body.node_count)

    def change(session: Session, cluster: Cluster) -> bool:
        group = cluster.nodegroup(body.group) if body.group else cluster.default_workers
        return sizing.accept(session, cluster, group, body.node_count, verb=Verb.RESIZE, named=body.victims)

    return ClusterID(uuid=acceptance.transact(ident, change, RESIZE).uuid)


@expose(
    "POST /v1/clusters/{ident}/actions/upgrade",
    ClusterID,
    body=UpgradeWish,
    status_code=202,
    rule=UPGRADE,
    since="1.8",
    raises=(NotSupported,),
)
def upgrade(ident: str, body: UpgradeWish) -> ClusterID:
    """Take a cluster, or one of its nodegroups, to what another template says."""

    def change(session: Session, cluster: Cluster) -> bool:
        return upgrading.accept(session, cluster, body.cluster_template, batch=body.batch, group=body.group)

    return ClusterID(uuid=acceptance.transact(ident, change, UPGRADE).uuid)
