# SPDX-License-Identifier: Apache-2.0
"""The driver of Kubernetes clusters on Fedora CoreOS servers."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping

from oslo_config import cfg

from magnum_lite.drivers.base import (
    Change,
    CloudNeeds,
    ClusterType,
    Feature,
    InfrastructureStatus,
    Material,
    NodeSecrets,
    NotYet,
    Observation,
    Removal,
    Rendering,
    Stacks,
    Wish,
)
from magnum_lite.drivers.k8s_fcos import (
    all_labels,
    certificates,
    checks,
    cloud_needs,
    document,
    groups,
    labels,
    parameters,
    reading,
    remarks,
    rendering,
    stack_course,
    stack_size,
)
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import DocumentNotReady
from magnum_lite.heat.stacks import name_of
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import Nodegroup
from magnum_lite.model.states import Status
from magnum_lite.nodeconf import CertificateRequest, NodeDocument
from magnum_lite.releases.installed import Releases

AGENT = "magnum-lite-agent"


class FedoraCoreOSDriver:
    """Builds a cluster as one Heat stack, each further nodegroup as another; nodes are set up by the agent."""

    name = "k8s_fcos"
    nodes_report = True
    features = frozenset({Feature.RESIZE, Feature.NODEGROUPS, Feature.NODE_LABELS})
    cluster_types = (ClusterType("vm", "fedora-coreos", "kubernetes"),)
    labels = all_labels.LABELS
    choices = checks.CHOICES

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._terms = stack_course.Terms(attempts=conf.heat.remove_attempts, pause=float(conf.heat.poll_seconds))
        self._releases = Releases.load(conf.releases.directories)
        self._most_resources: int = conf.heat.max_resources_per_stack

    def check(self, wish: Wish) -> None:
        checks.check(wish, self._releases, most_resources=self._most_resources)

    def check_size(self, cluster: Cluster, group: Nodegroup, count: int) -> None:
        wish = stack_size.wish_of(cluster, group, count)
        stack_size.check(wish, self.labels.parse(wish.labels), self._most_resources)

    def remarks(self, wish: Wish) -> tuple[str, ...]:
        return remarks.of(wish, self._releases)

    def release_for(self, given: Mapping[str, str]) -> str | None:
        return self.labels.parse(given)[labels.KUBE_TAG]

    def render(self, cluster: Cluster, material: Material) -> Rendering:
        return rendering.of_cluster(cluster, self._with_agent(cluster, material))

    def ensure_infrastructure(self, cluster: Cluster, material: Material, stacks: Stacks) -> Observation:
        name = name_of(cluster.name, cluster.uuid)
        wanted = self.render(cluster, material)
        found = stacks.ensure(
            name,
            template=wanted.template,
            files=wanted.files,
            parameters=wanted.parameters,
            minutes=parameters.minutes(cluster),
        )
        return reading.explained(reading.observation(cluster, found), name, stacks)

    def change_infrastructure(
        self, cluster: Cluster, material: Callable[[], Material], stacks: Stacks, *, change: Change
    ) -> Observation:
        """Change the cluster's own stack and those of further nodegroups at once: one that fails holds up no other."""
        name = name_of(cluster.name, cluster.uuid)
        found = stacks.observe(name, stack_id=cluster.stack_id)
        seen = reading.observation(cluster, found)
        if found is None or seen.status is InfrastructureStatus.REMOVING:
            return seen
        needed = functools.cache(lambda: self._with_agent(cluster, material()))
        own = stack_course.bring(
            stacks,
            name,
            found,
            seen,
            lambda: self.render(cluster, needed()),
            members=parameters.members([*cluster.masters, *parameters.default_workers(cluster)]),
            change=change,
            minutes=parameters.minutes(cluster),
        )
        work = groups.GroupChange(cluster, reading.place(found), needed, stacks, change, self._terms)
        return reading.merged(own, [work.make(one) for one in groups.further(cluster) if not groups.is_settled(one)])

    def observe(self, cluster: Cluster, stacks: Stacks) -> Observation:
        name = name_of(cluster.name, cluster.uuid)
        found = stacks.observe(name, stack_id=cluster.stack_id)
        return reading.explained(reading.observation(cluster, found), name, stacks)

    def remove_infrastructure(self, cluster: Cluster, stacks: Stacks, removal: Removal | None = None) -> None:
        # Their servers are on the network of the cluster's own stack, which cannot go before them.
        removal = removal or Removal()
        names = tuple(node.name for node in cluster.all_nodes)
        # What is removed while it is created is to be made anew.
        is_spoilt = cluster.status == Status.CREATE_IN_PROGRESS
        terms = dataclasses.replace(self._terms, names=names, is_spoilt=is_spoilt)
        waits = [wait for one in groups.further(cluster) if (wait := self._remove_group(one, stacks, terms, removal))]
        if waits:
            raise waits[0]
        stack_course.remove(stacks, name_of(cluster.name, cluster.uuid), cluster.stack_id, terms, removal)

    def _remove_group(
        self, group: Nodegroup, stacks: Stacks, terms: stack_course.Terms, removal: Removal
    ) -> NotYet | None:
        try:
            groups.remove(group, stacks, terms, removal)
        except NotYet as wait:
            return wait
        return None

    def cloud_needs(self, cluster: Cluster, node: Node) -> CloudNeeds:
        return cloud_needs.of(self._place(cluster, node))

    def node_document(self, cluster: Cluster, node: Node, secrets: NodeSecrets) -> NodeDocument:
        return document.node_document(self._place(cluster, node), secrets)

    def _with_agent(self, cluster: Cluster, material: Material) -> Material:
        """Name the agent that the cluster's release pins, if it does."""
        values = self.labels.parse(cluster.labels)
        release = self._releases.find(values[labels.KUBE_TAG])
        if release is None or AGENT not in release.images:
            return material
        image = release.image(AGENT, values[labels.CONTAINER_INFRA_PREFIX])
        return dataclasses.replace(material, agent_image=image)

    def certificate_requests(self, cluster: Cluster, node: Node) -> tuple[CertificateRequest, ...]:
        return certificates.requests(self._place(cluster, node))

    def _place(self, cluster: Cluster, node: Node) -> Place:
        values = self.labels.parse(cluster.labels)
        tag = node.release or values[labels.KUBE_TAG]
        release = self._releases.find(tag)
        if release is None:
            raise DocumentNotReady(f"release {tag} of node {node.name} is not installed here")
        return Place(cluster, node, values, release)
