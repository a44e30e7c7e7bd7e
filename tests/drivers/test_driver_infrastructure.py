# SPDX-License-Identifier: Apache-2.0
"""What the driver of Fedora CoreOS clusters makes of a stack's course."""

import datetime

import pytest

from magnum_lite.drivers.base import Change, InfrastructureStatus, NodeObservation, NotYet, Observation, Removal, Strays
from magnum_lite.errors import StackFailed
from magnum_lite.heat.stacks import name_of
from magnum_lite.model import Cluster
from tests.builders import NOW
from tests.drivers import clusters
from tests.drivers.stacks import MemoryStacks
from tests.wishes import delete_group, new_group, resize


def test_a_stack_is_named_from_the_uuid_and_has_the_clusters_own_time() -> None:
    stacks = MemoryStacks()
    cluster = clusters.a_cluster(create_timeout=17)

    clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)

    assert stacks.names == [name_of("k8s", cluster.uuid)]
    assert stacks.minutes == 17


def test_addresses_are_read_while_the_stack_is_still_being_built() -> None:
    stacks, cluster = MemoryStacks(), clusters.a_cluster(node_count=1)
    clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)
    stacks.set(
        "CREATE_IN_PROGRESS",
        api_address="127.24.0.9",
        internal_api_address="127.32.0.9",
        master_addresses={"0": "127.32.0.2", "1": "127.32.0.3", "2": None},
        kube_masters={"0": {"server": "s-0", "address": "127.32.0.2", "floating": "127.24.0.2"}},
        kube_minions=None,
    )

    seen = clusters.driver().observe(cluster, stacks)

    assert (seen.status, seen.stack_id) == (InfrastructureStatus.BUILDING, "stack-1")
    assert (seen.api_address, seen.internal_api_address) == ("https://127.24.0.9:6443", "https://127.32.0.9:6443")
    assert [seen.nodes[node.uuid] for node in cluster.nodes] == [
        NodeObservation("s-0", "127.32.0.2", "127.24.0.2"),
        NodeObservation(None, "127.32.0.3", None),
        NodeObservation(),
        NodeObservation(),
    ]


def test_a_failed_stack_says_what_failed_and_why() -> None:
    stacks, cluster = MemoryStacks(), clusters.a_cluster()
    clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)
    stacks.set("CREATE_FAILED", "Resource CREATE failed")

    seen = clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)

    assert seen.status is InfrastructureStatus.FAILED
    assert seen.reason.endswith("failed: OS::Neutron::Port port failed: Quota exceeded")


def test_a_stack_that_is_not_there_is_absent() -> None:
    assert clusters.driver().observe(clusters.a_cluster(), MemoryStacks()).status is InfrastructureStatus.ABSENT


def test_a_delete_that_failed_is_tried_again_until_it_failed_too_often() -> None:
    stacks, cluster = MemoryStacks(), clusters.a_cluster()
    clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)

    for failures in range(3):
        stacks.set("DELETE_FAILED" if failures else "CREATE_FAILED")
        stacks.failures = failures
        with pytest.raises(NotYet, match="is being deleted"):
            clusters.driver().remove_infrastructure(cluster, stacks)
    stacks.set("DELETE_FAILED")
    stacks.failures = 3

    with pytest.raises(StackFailed, match="could not be deleted: OS::Neutron::Port port failed: Quota exceeded"):
        clusters.driver().remove_infrastructure(cluster, stacks)
    assert stacks.removals == 3


def test_a_delete_that_failed_as_something_was_away_is_tried_for_ever() -> None:
    stacks, cluster = MemoryStacks(), clusters.a_cluster()
    clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)
    stacks.set("DELETE_FAILED")
    stacks.failures, stacks.culprit = 99, "network.yaml network failed: Lost connection to server during query"

    with pytest.raises(NotYet, match="is being deleted"):
        clusters.driver().remove_infrastructure(cluster, stacks)

    assert stacks.removals == 1


def test_a_build_that_failed_as_something_was_away_is_said_to_pass_and_can_be_tried_again() -> None:
    stacks, cluster = MemoryStacks(), clusters.a_cluster()
    driver, material = clusters.driver(), clusters.material(cluster)
    driver.ensure_infrastructure(cluster, material, stacks)
    stacks.set("CREATE_FAILED")
    stacks.culprit = "network.yaml network failed: Lost connection to server during query"
    seen = driver.ensure_infrastructure(cluster, material, stacks)
    for ident in ("operation-0", "operation-0", "operation", "operation-1"):
        driver.change_infrastructure(cluster, lambda: material, stacks, change=Change(ident, NOW))
        stacks.set("UPDATE_FAILED")

    assert (seen.status, seen.is_passing) == (InfrastructureStatus.FAILED, True)
    assert stacks.updates == 2


def test_a_delete_under_way_is_not_asked_for_again() -> None:
    stacks, cluster = MemoryStacks(), clusters.a_cluster()
    clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)
    stacks.set("DELETE_IN_PROGRESS")

    assert clusters.driver().observe(cluster, stacks).status is InfrastructureStatus.REMOVING
    with pytest.raises(NotYet):
        clusters.driver().remove_infrastructure(cluster, stacks)
    assert stacks.removals == 0


@pytest.mark.parametrize(("silent", "updates"), [(None, 0), (-60, 0), (60, 1)], ids=["young", "busy", "silent"])
def test_a_stack_in_progress_is_told_again_only_when_nothing_has_happened_for_long(
    silent: int | None, updates: int
) -> None:
    stacks, cluster = MemoryStacks(), clusters.a_cluster()
    driver, material = clusters.driver(), clusters.material(cluster)
    driver.ensure_infrastructure(cluster, material, stacks)
    stacks.happened = NOW
    since = None if silent is None else NOW + datetime.timedelta(seconds=silent)

    seen = driver.change_infrastructure(cluster, lambda: material, stacks, change=Change("operation", NOW, since))
    assert (seen.status, stacks.updates) == (InfrastructureStatus.BUILDING, updates)

    stacks.set("DELETE_IN_PROGRESS")
    with pytest.raises(NotYet):
        driver.remove_infrastructure(cluster, stacks, Removal(silent_since=since))
    assert stacks.removals == updates


@pytest.mark.parametrize(
    ("cluster_status", "stack_status", "is_cleaned"),
    [
        ("DELETE_IN_PROGRESS", "DELETE_FAILED", True),
        ("DELETE_IN_PROGRESS", "UPDATE_FAILED", False),
        ("DELETE_IN_PROGRESS", "DELETE_IN_PROGRESS", False),
        ("CREATE_IN_PROGRESS", "UPDATE_FAILED", True),
    ],
)
def test_what_is_in_the_way_of_a_stack_is_cleaned_up_where_there_may_be_some(
    cluster_status: str, stack_status: str, is_cleaned: bool
) -> None:
    stacks, cluster, cleaned = MemoryStacks(), clusters.a_cluster(node_count=1), []
    clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)
    stacks.set(stack_status)
    cluster.status = cluster_status
    (name,) = stacks.names
    with pytest.raises(NotYet):
        clusters.driver().remove_infrastructure(cluster, stacks, Removal(clean=cleaned.append))

    names = tuple(node.name for node in cluster.nodes)
    strays = Strays((f"OS::Neutron::Net of {name}",), (f"OS::Neutron::Router of {name}",), names)
    assert cleaned == ([strays] if is_cleaned else [])


def built() -> tuple[MemoryStacks, Cluster]:
    """A cluster whose stack is complete."""
    stacks, cluster = MemoryStacks(), clusters.a_cluster()
    clusters.driver().ensure_infrastructure(cluster, clusters.material(cluster), stacks)
    stacks.finish()
    return stacks, cluster


def change(stacks: MemoryStacks, cluster: Cluster, name: str = "first") -> Observation:
    return clusters.driver().change_infrastructure(
        cluster, lambda: clusters.material(cluster), stacks, change=Change(name, NOW)
    )


def test_a_look_at_a_change_is_one_call_and_the_update_one_more() -> None:
    stacks, cluster = built()
    resize(more=30)(cluster)

    for _ in range(3):
        change(stacks, cluster)
        stacks.finish()

    assert (stacks.looks, stacks.updates) == (3, 1)


def test_a_stack_that_has_the_wanted_members_is_told_nothing() -> None:
    stacks, cluster = built()

    assert change(stacks, cluster).status is InfrastructureStatus.COMPLETE
    assert stacks.updates == 0


def test_while_something_goes_on_in_a_stack_a_change_waits_and_then_compares_again() -> None:
    stacks, cluster = built()
    stacks.set("UPDATE_IN_PROGRESS")
    resize(more=1)(cluster)

    waiting = change(stacks, cluster).status, stacks.updates
    stacks.finish()
    told = change(stacks, cluster).status, stacks.updates

    assert waiting == (InfrastructureStatus.BUILDING, 0)
    assert told == (InfrastructureStatus.BUILDING, 1)


def test_what_failed_for_an_earlier_change_is_tried_again_and_what_failed_for_this_one_has_failed() -> None:
    stacks, cluster = built()
    resize(more=1)(cluster)
    change(stacks, cluster)
    stacks.set("UPDATE_FAILED")

    failed = change(stacks, cluster)
    again = change(stacks, cluster, "second")

    assert (failed.status, again.status) == (InfrastructureStatus.FAILED, InfrastructureStatus.BUILDING)
    assert failed.reason.endswith("failed: OS::Neutron::Port port failed: Quota exceeded")
    assert stacks.updates == 2


def test_a_nodegroup_waits_until_there_is_a_network_to_be_on() -> None:
    stacks, cluster = built()
    stacks.set("UPDATE_COMPLETE")
    new_group("storage", 1)(cluster)

    waiting = change(stacks, cluster)

    assert waiting.status is InfrastructureStatus.BUILDING
    assert "nodegroup storage waits for the cluster's network" in waiting.reason
    assert stacks.made == 1


def test_a_nodegroup_whose_stack_somebody_removed_is_made_anew_once() -> None:
    stacks, cluster = built()
    new_group("storage", 1)(cluster)
    cluster.nodegroups[2].stack_id = "stack-2"
    change(stacks, cluster)
    stacks.finish()
    stacks.lose(stacks.names[1])

    seen = []
    for _ in range(2):
        seen.append(change(stacks, cluster, "second").status)
        stacks.finish()
    last = change(stacks, cluster, "second")

    assert seen == [InfrastructureStatus.BUILDING, InfrastructureStatus.COMPLETE]
    assert last.group_stacks == {cluster.nodegroups[2].uuid: "stack-3"}
    assert stacks.made == 3


def test_a_nodegroup_that_cannot_be_removed_says_why_and_the_next_change_tries_again() -> None:
    stacks, cluster = built()
    new_group("storage", 1)(cluster)
    change(stacks, cluster)
    stacks.finish()
    delete_group("storage")(cluster)
    stacks.set_one(stacks.names[1], "DELETE_FAILED")
    stacks.failures = 3

    failed = change(stacks, cluster)
    stacks.failures = 0
    again = change(stacks, cluster)

    assert failed.status is InfrastructureStatus.FAILED
    assert "could not be deleted: OS::Neutron::Port port failed: Quota exceeded" in failed.reason
    assert (again.status, stacks.removals) == (InfrastructureStatus.BUILDING, 1)


def test_what_nodes_boot_with_and_bounds_of_groups_change_no_stack() -> None:
    stacks, cluster = built()
    cluster.ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 another"
    cluster.nodegroups[1].max_node_count = 9

    change(stacks, cluster)

    assert stacks.updates == 0
