# SPDX-License-Identifier: Apache-2.0
"""What every driver of this installation keeps to, whatever it builds."""

import json
from collections.abc import Mapping, Sequence

import pytest

from magnum_lite.drivers import base
from magnum_lite.drivers.base import Driver, Feature, InfrastructureStatus, Material, NotYet, Observation, Stacks
from magnum_lite.drivers.k8s_fcos.driver import FedoraCoreOSDriver
from magnum_lite.drivers.noop.driver import NoopDriver
from magnum_lite.errors import BadRequest
from magnum_lite.model import Cluster
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.nodeconf import NodeDocument
from tests.builders import NOW
from tests.drivers import clusters
from tests.drivers.stacks import MemoryStacks
from tests.wishes import Wish, change_group, delete_group, forget_leavers, new_group, resize

WISH = base.Wish(
    master_count=3,
    node_count=3,
    master_lb_enabled=True,
    external_network_id="public",
    flavor_id="m1.small",
    master_flavor_id="m1.small",
)


# What the rows say once a feature was asked for.
WISHES: Mapping[Feature, Sequence[Wish]] = {
    Feature.RESIZE: (resize(more=2), resize(without=(1,)), resize(more=1, without=(0,)), resize(without=(2, 3, 4, 5))),
    Feature.NODEGROUPS: (
        new_group("storage", 2),
        resize(more=1, without=(0,), group="storage"),
        change_group("storage", 7),
        delete_group("storage"),
    ),
    Feature.NODE_LABELS: (new_group("labelled", 1), delete_group("labelled")),
    Feature.OTHER_NODE_LABELS: (change_group("default-worker", 5),),
}
KEPT = [(name, one) for name in clusters.PROJECT_DRIVERS for one in sorted(clusters.driver(name).features)]


@pytest.fixture(params=clusters.PROJECT_DRIVERS)
def driver(request: pytest.FixtureRequest) -> Driver:
    return clusters.driver(request.param)


def test_drivers_are_what_the_protocol_says() -> None:
    checked: list[type[Driver]] = [FedoraCoreOSDriver, NoopDriver]
    stacks: type[Stacks] = MemoryStacks

    assert [one.name for one in checked] == list(clusters.PROJECT_DRIVERS)
    assert stacks is MemoryStacks


def test_a_driver_has_a_name_and_builds_something(driver: Driver) -> None:
    assert driver.name in clusters.PROJECT_DRIVERS
    assert driver.cluster_types


def test_an_ordinary_wish_is_taken_and_an_even_number_of_masters_is_not(driver: Driver) -> None:
    driver.check(WISH)
    with pytest.raises(BadRequest, match="Invalid value 2 for master_count: it takes an odd number"):
        driver.check(base.Wish(master_count=2, master_lb_enabled=True, external_network_id="public"))


def test_labels_say_what_they_are(driver: Driver) -> None:
    for one in driver.labels.describe():
        assert one.help.endswith(".")
        assert one.takes


def test_rendering_twice_gives_the_same(driver: Driver) -> None:
    cluster = clusters.a_cluster()

    assert driver.render(cluster, clusters.material(cluster)) == driver.render(cluster, clusters.material(cluster))


def test_infrastructure_is_made_once_and_removed_without_a_rest(driver: Driver) -> None:
    cluster, stacks = clusters.a_cluster(), MemoryStacks()
    material = clusters.material(cluster)

    first = driver.ensure_infrastructure(cluster, material, stacks)
    again = driver.ensure_infrastructure(cluster, material, stacks)
    for _ in range(3):
        try:
            driver.remove_infrastructure(cluster, stacks)
        except NotYet as wait:
            assert wait.after > 0
            stacks.finish_removals()

    assert first.stack_id == again.stack_id
    assert stacks.made <= 1
    assert stacks.names == []
    driver.remove_infrastructure(cluster, stacks)


def test_a_driver_declares_what_it_can_do_with_a_cluster_that_is_there(driver: Driver) -> None:
    assert driver.features <= set(WISHES)


@pytest.mark.parametrize(("name", "feature"), KEPT)
def test_a_driver_keeps_what_it_declares(name: str, feature: Feature) -> None:
    driver, cluster, stacks = clusters.driver(name), clusters.a_cluster(), MemoryStacks()
    cluster.stack_id = driver.ensure_infrastructure(cluster, clusters.material(cluster), stacks).stack_id
    stacks.finish()
    for number, wish in enumerate(WISHES[feature]):
        wish(cluster)
        asked: list[Material] = []

        first = changed(driver, cluster, stacks, asked, f"change-{number}")
        stacks.finish()
        last = changed(driver, cluster, stacks, asked, f"change-{number}")

        assert first.status in (InfrastructureStatus.BUILDING, InfrastructureStatus.COMPLETE)
        assert (last.status, last.stack_id) == (InfrastructureStatus.COMPLETE, cluster.stack_id)
        assert set(last.nodes) == {node.uuid for node in cluster.nodes}
        assert len(asked) <= 1
        forget_leavers(cluster)
    assert len(stacks.names) <= 1


def changed(driver: Driver, cluster: Cluster, stacks: Stacks, asked: list[Material], change: str) -> Observation:
    """Look once; what is asked for is noted."""

    def material() -> Material:
        asked.append(clusters.material(cluster))
        return asked[-1]

    return driver.change_infrastructure(cluster, material, stacks, change=base.Change(change, NOW))


def test_a_node_document_is_one_that_can_be_sent(driver: Driver) -> None:
    cluster = clusters.a_built_cluster()
    for node in cluster.nodes:
        document = driver.node_document(cluster, node, clusters.secrets())

        assert NodeDocument.from_json(document.to_json()) == document
        assert (document.node, document.cluster, document.role) == (node.uuid, cluster.uuid, node.role)
        assert document.certificates == driver.certificate_requests(cluster, node)


def test_no_key_of_the_control_plane_reaches_a_worker(driver: Driver) -> None:
    cluster = clusters.a_built_cluster()
    for node in cluster.workers:
        text = driver.node_document(cluster, node, clusters.secrets()).to_json()

        assert node.role != MASTER
        assert "PLACEHOLDER key" not in json.loads(text)["files"].__repr__()
