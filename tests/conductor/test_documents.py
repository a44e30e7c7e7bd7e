# SPDX-License-Identifier: Apache-2.0
"""What the conductor tells a node's document of the cloud: to one master, what it needs, and rarely asking for it."""

import dataclasses
import json

import pytest

from magnum_lite.conductor.endpoint import ConductorEndpoint
from magnum_lite.drivers.base import CloudNeeds, CloudNetworks, NodeSecrets
from magnum_lite.errors import DocumentNotReady
from magnum_lite.model import Cluster, Node
from tests.conductor.conftest import House
from tests.fakes.cloud import FakeDriver

EVERYTHING = CloudNeeds(cloud=True, networks=True, volume_types=True)


def told(house: House, cluster: Cluster, node: Node) -> NodeSecrets:
    """Give what a node's document was made with."""
    endpoint = ConductorEndpoint(house.deps, nudge=lambda uuid: None)
    assert json.loads(endpoint.node_document(node.uuid))["name"] == node.name
    return driver(house).secrets[node.uuid]


def driver(house: House) -> FakeDriver:
    found = house.deps.drivers.get("k8s_fcos")
    assert isinstance(found, FakeDriver)
    return found


def test_the_first_master_is_told_how_the_cluster_reaches_its_cloud(house: House) -> None:
    cluster = house.create(master_count=3)
    driver(house).needs = EVERYTHING

    found = told(house, cluster, cluster.masters[0])

    assert found.cloud is not None
    assert (found.cloud.user_id, found.cloud.project_id) == (cluster.cluster_user_id, cluster.project_id)
    assert found.cloud.password in house.world.users.values()
    assert (found.networks, found.volume_types) == (CloudNetworks("external-network", "subnet"), ("fast",))


@pytest.mark.parametrize("which", ["another master", "a worker"])
def test_no_other_node_is_told_anything_of_it(house: House, which: str) -> None:
    cluster = house.create(master_count=3)
    driver(house).needs = EVERYTHING

    found = told(house, cluster, cluster.masters[1] if which == "another master" else cluster.workers[0])

    assert (found.cloud, found.networks, found.volume_types) == (None, CloudNetworks(), ())


@pytest.mark.parametrize(
    ("need", "call"), [("cloud", "access"), ("networks", "networks"), ("volume_types", "volume_types")]
)
def test_only_what_an_addon_needs_is_looked_up(house: House, need: str, call: str) -> None:
    cluster = house.create()
    driver(house).needs = dataclasses.replace(CloudNeeds(), **{need: True})

    told(house, cluster, cluster.masters[0])

    assert {name: house.world.calls[name] for name in ("access", "networks", "volume_types")} == {
        name: int(name == call) for name in ("access", "networks", "volume_types")
    }


def test_a_document_waits_for_the_clusters_user(house: House) -> None:
    cluster = house.create()
    driver(house).needs = EVERYTHING
    with house.deps.store.write() as session:
        session.merge(cluster).cluster_user_id = None

    with pytest.raises(DocumentNotReady, match="has no user in the cloud yet"):
        told(house, cluster, cluster.masters[0])
