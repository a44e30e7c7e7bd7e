# SPDX-License-Identifier: Apache-2.0
"""Accepting another template for a cluster."""

from __future__ import annotations

from magnum_lite.api import acceptance, template_checks
from magnum_lite.api.current import context, deps
from magnum_lite.drivers.base import Feature
from magnum_lite.errors import Conflict
from magnum_lite.model import Cluster, ClusterTemplate, Nodegroup
from magnum_lite.model.states import Status, Verb
from magnum_lite.store import templates
from magnum_lite.store.engine import Session


def accept(session: Session, cluster: Cluster, template: str, *, batch: int, group: str | None) -> bool:
    """Write that a cluster, or one of its nodegroups, shall become what a template says, ``batch`` nodes at a time.

    Raises ``NotFound`` for a template the requester may not see, and ``Conflict`` for one that does not fit.
    """
    acceptance.check_feature(cluster, Feature.UPGRADE)
    acceptance.check_status(cluster, Verb.UPGRADE)
    scope = None if context().is_admin else context().project_id
    target = templates.get(session, scope, template)
    chosen = cluster.nodegroup(group) if group else None
    _check(cluster, target, chosen)
    template_checks.check_labels(target.driver, target.labels)
    groups = [chosen] if chosen else [one for one in cluster.nodegroups if one.is_default]
    acceptance.begin(
        session,
        cluster,
        Verb.UPGRADE,
        now=deps().clock(),
        message=f"asked for what template {target.name} says",
        wanted={
            "cluster_template": target.uuid,
            "max_batch_size": batch,
            "nodegroups": [one.uuid for one in groups],
        },
        groups=[(one, Status.UPDATE_IN_PROGRESS) for one in groups],
    )
    return True


def _check(cluster: Cluster, target: ClusterTemplate, group: Nodegroup | None) -> None:
    if target.driver != cluster.driver:
        raise Conflict(
            f"Cluster template {target.name} is for driver {target.driver}, "
            f"and cluster {cluster.name} was built by {cluster.driver}"
        )
    if group is not None and not group.is_default and target.uuid != cluster.cluster_template_id:
        raise Conflict(
            f"Nodegroup {group.name} follows its cluster: it takes template {cluster.cluster_template_id} only, "
            "so upgrade the cluster first"
        )
