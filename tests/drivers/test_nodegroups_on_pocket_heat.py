# SPDX-License-Identifier: Apache-2.0
"""Further nodegroups in a Heat, the pocket cloud's: stacks of their own, in which other software finds its way."""

from __future__ import annotations

from magnum_lite.drivers.base import InfrastructureStatus
from magnum_lite.model import Nodegroup
from tests.drivers.built import Built
from tests.wishes import change_group, delete_group, group_of, new_group, resize


def with_group(built: Built, count: int = 2) -> Nodegroup:
    """Have a nodegroup made; give its row."""
    new_group("storage", count)(built.cluster)
    assert built.change().status is InfrastructureStatus.COMPLETE
    return group_of(built.cluster, "storage")


def test_a_nodegroup_is_a_stack_of_its_own_with_the_same_names_on_the_same_network(built: Built) -> None:
    before = built.members()

    group = with_group(built)

    made = built.pocket.made()
    assert built.members_of(group) == {str(node.index): node.server_id for node in group.nodes}
    assert group.stack_id not in (None, built.cluster.stack_id)
    assert built.members() == before
    assert (made["servers"], made["networks"], made["security_groups"]) == (6, 1, 3)
    ports = built.pocket.get("network", "/v2.0/ports")["ports"]
    kinds = {
        (one["network_id"], *sorted(one["security_groups"])) for one in ports if one["device_id"] in server_ids(built)
    }
    assert len(kinds) == 1


def server_ids(built: Built) -> set[str | None]:
    return {node.server_id for node in built.cluster.workers}


def test_a_nodegroup_is_resized_and_nothing_else_is_touched(built: Built) -> None:
    group = with_group(built)
    before, others = built.members_of(group), built.members()
    resize(more=1, without=(0,), group="storage")(built.cluster)

    seen = built.change()

    assert seen.status is InfrastructureStatus.COMPLETE
    after = built.members_of(group)
    assert set(after) == {"1", "2"}
    assert after["1"] == before["1"]
    assert built.members() == others


def test_a_nodegroup_goes_with_all_that_was_made_for_it(built: Built) -> None:
    before = built.pocket.made()
    with_group(built)
    delete_group("storage")(built.cluster)

    seen = built.change()

    assert seen.status is InfrastructureStatus.COMPLETE
    assert built.pocket.made() == before


def test_a_nodegroup_that_failed_is_made_by_the_next_change_and_others_are_changed_all_the_same(built: Built) -> None:
    new_group("storage", 1)(built.cluster)
    resize(more=1)(built.cluster)
    group = group_of(built.cluster, "storage")
    built.pocket.fault(
        service="nova", operation="create_server", kind="server-error", count=1, match={"name": group.nodes[0].name}
    )

    failed = built.change()
    workers = set(built.members())
    seen = built.change()

    assert failed.status is InfrastructureStatus.FAILED
    assert "OS::Nova::Server kube_minions/0/kube-minion failed" in failed.reason
    assert workers == {"0", "1", "2", "3"}
    assert seen.status is InfrastructureStatus.COMPLETE
    assert set(built.members_of(group)) == {"0"}


def test_what_heat_refuses_for_a_nodegroup_fails_that_and_a_delete_is_the_way_out(built: Built) -> None:
    new_group("storage", 1)(built.cluster)
    group_of(built.cluster, "storage").flavor_id = "m1.none"
    resize(more=1)(built.cluster)

    failed = built.change()
    delete_group("storage")(built.cluster)
    seen = built.change()

    assert failed.status is InfrastructureStatus.FAILED
    assert "m1.none" in failed.reason
    assert seen.status is InfrastructureStatus.COMPLETE
    assert set(built.members()) == {"0", "1", "2", "3"}


def test_a_nodegroup_that_is_still_being_made_can_be_deleted(built: Built) -> None:
    before = built.pocket.made()
    new_group("storage", 2)(built.cluster)
    built.look()
    delete_group("storage")(built.cluster)

    seen = built.change()

    assert seen.status is InfrastructureStatus.COMPLETE
    assert built.pocket.made() == before


def test_nodegroups_go_with_their_cluster_even_while_they_are_being_made(built: Built) -> None:
    with_group(built, 1)
    new_group("fast", 1)(built.cluster)
    built.look()

    stacks = built.pocket.get("orchestration", "/stacks")["stacks"]

    assert len(stacks) == 3  # That nothing is left of them is what the fixture sees to.


def test_a_nodegroup_whose_servers_stay_is_told_nothing(built: Built) -> None:
    group = with_group(built)
    change_group("storage", 7)(built.cluster)

    built.change()

    found = built.pocket.get("orchestration", f"/stacks/{group.stack_id}")["stack"]
    assert found["stack_status"] == "CREATE_COMPLETE"
