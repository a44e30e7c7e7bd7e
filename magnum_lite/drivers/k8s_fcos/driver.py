# SPDX-License-Identifier: Apache-2.0
"""The driver of Kubernetes clusters on Fedora CoreOS servers."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Callable, Mapping
from pathlib import Path

from oslo_config import cfg

from magnum_lite.drivers.base import (
    ClusterType,
    Feature,
    InfrastructureStatus,
    Material,
    NodeSecrets,
    NotYet,
    Observation,
    Rendering,
    StackReading,
    Stacks,
    Wish,
)
from magnum_lite.drivers.k8s_fcos import certificates, checks, document, labels, parameters, reading
from magnum_lite.errors import StackFailed
from magnum_lite.heat import template
from magnum_lite.heat.stacks import name_of
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.node import Node
from magnum_lite.nodeconf import CertificateRequest, NodeDocument

STACK = Path(__file__).parent / "stack"
ROOT = "cluster.yaml"
WORKERS = "workers.yaml"


class FedoraCoreOSDriver:
    """Builds a cluster as one Heat stack; its nodes are set up by the agent."""

    name = "k8s_fcos"
    nodes_report = True
    features = frozenset({Feature.RESIZE})
    cluster_types = (ClusterType("vm", "fedora-coreos", "kubernetes"),)
    labels = labels.LABELS

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._poll_seconds: float = conf.heat.poll_seconds
        self._remove_attempts: int = conf.heat.remove_attempts

    def check(self, wish: Wish) -> None:
        checks.check(wish)

    def release_for(self, given: Mapping[str, str]) -> str | None:
        return self.labels.parse(given)[labels.KUBE_TAG]

    def render(self, cluster: Cluster, material: Material) -> Rendering:
        workers = parameters.default_workers(cluster)
        masters = [str(node.index) for node in cluster.masters]
        of_masters = {"$index": masters, "$first": masters[:1], "$other": masters[1:]}
        of_workers = {"$index": [str(node.index) for node in workers]}
        files = {
            name: template.render(template.put_members(tree, of_workers if name == WORKERS else of_masters))
            for name, tree in self._templates.items()
        }
        values = self.labels.parse(cluster.labels)
        return Rendering(files.pop(ROOT), files, parameters.parameters(cluster, workers, values, material))

    def ensure_infrastructure(self, cluster: Cluster, material: Material, stacks: Stacks) -> Observation:
        name = name_of(cluster.name, cluster.uuid)
        rendering = self.render(cluster, material)
        found = stacks.ensure(
            name,
            template=rendering.template,
            files=rendering.files,
            parameters=rendering.parameters,
            minutes=parameters.minutes(cluster),
        )
        return _explained(reading.observation(cluster, found), name, stacks)

    def change_infrastructure(
        self, cluster: Cluster, material: Callable[[], Material], stacks: Stacks, *, change: str
    ) -> Observation:
        name = name_of(cluster.name, cluster.uuid)
        found = stacks.observe(name, stack_id=cluster.stack_id)
        seen = reading.observation(cluster, found)
        if found is None or not _is_to_be_told(found, parameters.members(cluster), change):
            return _explained(seen, name, stacks)
        rendering = self.render(cluster, material())
        stacks.update(
            name,
            stack_id=found.stack_id,
            template=rendering.template,
            files=rendering.files,
            parameters={**rendering.parameters, "change": change},
            minutes=parameters.minutes(cluster),
        )
        return dataclasses.replace(seen, status=InfrastructureStatus.BUILDING, reason="the update begins")

    def observe(self, cluster: Cluster, stacks: Stacks) -> Observation:
        name = name_of(cluster.name, cluster.uuid)
        found = stacks.observe(name, stack_id=cluster.stack_id)
        return _explained(reading.observation(cluster, found), name, stacks)

    def remove_infrastructure(
        self, cluster: Cluster, stacks: Stacks, *, since: datetime.datetime | None = None
    ) -> None:
        name = name_of(cluster.name, cluster.uuid)
        found = stacks.observe(name, stack_id=cluster.stack_id)
        if found is None:
            return
        state = (found.action, found.state)
        if state == ("DELETE", "FAILED") and stacks.failed_removals(name, since) >= self._remove_attempts:
            raise StackFailed(f"stack {name} could not be deleted: {stacks.diagnose(name)}")
        if state != ("DELETE", "IN_PROGRESS"):
            stacks.remove(name, stack_id=found.stack_id)
        raise NotYet(f"stack {name} is being deleted", after=self._poll_seconds)

    @functools.cached_property
    def _templates(self) -> Mapping[str, object]:
        return template.load(STACK)

    def node_document(self, cluster: Cluster, node: Node, secrets: NodeSecrets) -> NodeDocument:
        return document.node_document(cluster, node, self.labels.parse(cluster.labels), secrets)

    def certificate_requests(self, cluster: Cluster, node: Node) -> tuple[CertificateRequest, ...]:
        return certificates.requests(cluster, node, self.labels.parse(cluster.labels))


def _is_to_be_told(found: StackReading, members: str, change: str) -> bool:
    """Say whether nothing goes on in a stack, and it has other members or failed before this change."""
    if found.state == "IN_PROGRESS":
        return False
    is_same = found.parameters.get("members") == members
    return not is_same or (found.state == "FAILED" and found.parameters.get("change") != change)


def _explained(observed: Observation, name: str, stacks: Stacks) -> Observation:
    """Say what failed and why, where Heat says only that something did."""
    if observed.status is not InfrastructureStatus.FAILED:
        return observed
    return dataclasses.replace(observed, reason=f"stack {name} failed: {stacks.diagnose(name)}")
