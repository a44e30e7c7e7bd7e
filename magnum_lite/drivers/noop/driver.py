# SPDX-License-Identifier: Apache-2.0
"""The driver that builds nothing: every cluster is complete at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from oslo_config import cfg

from magnum_lite.drivers.base import (
    Change,
    CloudNeeds,
    ClusterType,
    Feature,
    InfrastructureStatus,
    Material,
    NodeObservation,
    NodeSecrets,
    Observation,
    Removal,
    Rendering,
    Stacks,
    Wish,
)
from magnum_lite.errors import InvalidField
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.labels import Labels
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import Nodegroup
from magnum_lite.nodeconf import CertificateRequest, NodeDocument

ADDRESS = "127.0.0.1"
API = "https://127.0.0.1:6443"


class NoopDriver:
    """Takes any number of nodes and says that each is there, on the loopback address."""

    name = "noop"
    nodes_report = False
    features = frozenset({Feature.RESIZE, Feature.NODEGROUPS, Feature.NODE_LABELS, Feature.OTHER_NODE_LABELS})
    cluster_types = (ClusterType("vm", "noop", "kubernetes"),)
    labels = Labels()
    choices: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def check(self, wish: Wish) -> None:
        if wish.master_count < 1 or wish.master_count % 2 == 0:
            raise InvalidField("master_count", wish.master_count, "it takes an odd number")

    def check_size(self, cluster: Cluster, group: Nodegroup, count: int) -> None:
        return

    def remarks(self, wish: Wish) -> tuple[str, ...]:
        return ()

    def release_for(self, given: Mapping[str, str]) -> str | None:
        return None

    def render(self, cluster: Cluster, material: Material) -> Rendering:
        return Rendering("", {}, {})

    def ensure_infrastructure(self, cluster: Cluster, material: Material, stacks: Stacks) -> Observation:
        return self.observe(cluster, stacks)

    def change_infrastructure(
        self, cluster: Cluster, material: Callable[[], Material], stacks: Stacks, *, change: Change
    ) -> Observation:
        return self.observe(cluster, stacks)

    def observe(self, cluster: Cluster, stacks: Stacks) -> Observation:
        return Observation(
            status=InfrastructureStatus.COMPLETE,
            stack_id=cluster.uuid,
            api_address=API,
            internal_api_address=API,
            nodes={node.uuid: NodeObservation(server_id=node.uuid, address=ADDRESS) for node in cluster.nodes},
        )

    def remove_infrastructure(self, cluster: Cluster, stacks: Stacks, removal: Removal | None = None) -> None:
        return

    def cloud_needs(self, cluster: Cluster, node: Node) -> CloudNeeds:
        return CloudNeeds()

    def node_document(self, cluster: Cluster, node: Node, secrets: NodeSecrets) -> NodeDocument:
        return NodeDocument(
            generation=node.generation,
            cluster=cluster.uuid,
            node=node.uuid,
            name=node.name,
            role=node.role,
            address=ADDRESS,
            authorities=secrets.authorities,
        )

    def certificate_requests(self, cluster: Cluster, node: Node) -> tuple[CertificateRequest, ...]:
        return ()
