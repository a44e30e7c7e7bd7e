# SPDX-License-Identifier: Apache-2.0
"""Nodegroups beside those that a cluster is made with: each is a stack of its own, with the same names inside."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping

from magnum_lite.drivers.base import (
    Change,
    InfrastructureStatus,
    Material,
    NotYet,
    Observation,
    Removal,
    Rendering,
    Stacks,
)
from magnum_lite.drivers.k8s_fcos import parameters, reading, rendering, stack_course
from magnum_lite.errors import StackFailed
from magnum_lite.heat.stacks import name_of
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.nodegroup import Nodegroup


def further(cluster: Cluster) -> list[Nodegroup]:
    """Give the nodegroups that are no part of the cluster's own stack."""
    return [group for group in cluster.nodegroups if not group.is_default]


def is_settled(group: Nodegroup) -> bool:
    """Say whether the rows of a nodegroup tell that its stack is as it shall be, so that it need not be asked for."""
    is_at_rest = group.status.endswith("_COMPLETE")
    return is_at_rest and all(node.server_id and not node.is_leaving for node in group.nodes)


@dataclasses.dataclass(frozen=True)
class GroupChange:
    """A change of a cluster as it concerns further nodegroups; ``place`` is unknown before there is a network."""

    cluster: Cluster
    place: Mapping[str, object] | None
    material: Callable[[], Material]
    stacks: Stacks
    change: Change
    terms: stack_course.Terms

    def make(self, group: Nodegroup) -> Observation:
        """Have one nodegroup's stack become what its rows want, or go, and say what it looks like."""
        return self._removed(group) if group.is_leaving else self._changed(group)

    def _changed(self, group: Nodegroup) -> Observation:
        name, nodes = stack_name(group), parameters.nodes_of(self.cluster, group)
        found = self.stacks.observe(name, stack_id=group.stack_id)
        if found is None and group.stack_id is not None:
            # Somebody removed it; there may be the one by now that was made in its place.
            found = self.stacks.observe(name)
        seen = reading.of_group(group.uuid, nodes, found)
        if found is None and self.place is None:
            reason = f"nodegroup {group.name} waits for the cluster's network"
            return dataclasses.replace(seen, status=InfrastructureStatus.BUILDING, reason=reason)
        return stack_course.bring(
            self.stacks,
            name,
            found,
            seen,
            functools.partial(self._render, group, self.place or {}),
            members=parameters.members(nodes),
            change=self.change,
            minutes=parameters.minutes(self.cluster),
        )

    def _render(self, group: Nodegroup, place: Mapping[str, object]) -> Rendering:
        return rendering.of_group(self.cluster, group, place, self.material())

    def _removed(self, group: Nodegroup) -> Observation:
        try:
            remove(group, self.stacks, self.terms, Removal(self.change.since, self.change.silent_since))
        except NotYet as wait:
            return Observation(InfrastructureStatus.BUILDING, wait.reason)
        except StackFailed as error:
            return Observation(InfrastructureStatus.FAILED, error.message)
        return Observation(InfrastructureStatus.COMPLETE)


def remove(group: Nodegroup, stacks: Stacks, terms: stack_course.Terms, removal: Removal) -> None:
    """Make a nodegroup's stack gone, as ``stack_course.remove`` does."""
    stack_course.remove(stacks, stack_name(group), group.stack_id, terms, removal)


def stack_name(group: Nodegroup) -> str:
    return name_of(group.name, group.uuid)
