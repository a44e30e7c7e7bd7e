# SPDX-License-Identifier: Apache-2.0
"""Plans go as far as they can, say why they wait, and end in a state a user understands."""

import dataclasses

import pytest

from magnum_lite.certs import authority
from magnum_lite.drivers.base import InfrastructureStatus
from magnum_lite.errors import CloudError, CloudForbidden, CloudNotFound
from magnum_lite.model.states import NodeState
from magnum_lite.store import authorities, reservations
from tests.conductor.conftest import House


def outage(text: str = "Internal Server Error") -> CloudError:
    return CloudError("heat", text, retriable=True)


def test_a_create_waits_for_its_nodes_and_is_complete_when_all_are_ready(house: House) -> None:
    cluster = house.accept(master_count=3, node_count=3)

    assert house.look(cluster.uuid) is not None
    assert house.get(cluster.uuid).status == "CREATE_IN_PROGRESS"
    assert "0 of 3 masters ready" in str(house.operation(cluster.uuid).progress)

    house.report(cluster.uuid, NodeState.READY)
    assert house.look(cluster.uuid) is None

    found = house.get(cluster.uuid)
    assert (found.status, found.status_reason) == ("CREATE_COMPLETE", None)
    assert {group.status for group in found.nodegroups} == {"CREATE_COMPLETE"}
    assert found.api_address == "https://127.24.0.5:6443"
    assert {node.address for node in found.nodes} == {"127.0.0.9"}
    assert house.operation(cluster.uuid).state == "complete"


def test_what_a_create_makes_outside_is_made_once_and_with_the_requesters_roles(house: House) -> None:
    cluster = house.create()

    assert list(house.world.grants.values()) == [{"member"}]
    assert house.world.calls["ensure_user"] == 1
    assert house.world.calls["ensure_infrastructure"] == 1
    with house.deps.store.read() as session:
        assert set(authorities.by_kind(session, cluster.uuid)) == set(authority.KINDS)


def test_every_node_gets_a_token_of_its_own_and_only_its_hash_is_kept(house: House) -> None:
    cluster = house.create()

    tokens = house.world.tokens[cluster.uuid]
    assert len(set(tokens.values())) == len(cluster.nodes)
    assert not {node.token_hash for node in cluster.nodes} & set(tokens.values())


def test_a_failed_stack_fails_the_cluster_with_the_stacks_own_reason(house: House) -> None:
    cluster = house.accept()
    house.world.stacks[cluster.uuid] = InfrastructureStatus.FAILED
    house.world.reason = "kube_masters: 0: kube-master: Quota exceeded for cores"

    house.look(cluster.uuid)

    found = house.get(cluster.uuid)
    assert (found.status, found.status_reason) == ("CREATE_FAILED", house.world.reason)
    assert house.operation(cluster.uuid).error_code == "stack-failed"
    assert house.events(cluster.uuid)[-1].message == house.world.reason


def test_a_failed_node_fails_the_cluster_with_the_nodes_own_words(house: House) -> None:
    cluster = house.accept()
    house.look(cluster.uuid)
    house.report(cluster.uuid, NodeState.FAILED, "phase images: digest of etcd does not match")

    house.look(cluster.uuid)

    found = house.get(cluster.uuid)
    assert found.status == "CREATE_FAILED"
    assert found.masters[0].name in str(found.status_reason)
    assert "digest of etcd does not match" in str(found.status_reason)


def test_a_cluster_that_takes_too_long_fails_and_says_what_it_waited_for(house: House) -> None:
    cluster = house.accept(create_timeout=10)
    house.look(cluster.uuid)
    house.clock.go_on(601)

    house.look(cluster.uuid)

    found = house.get(cluster.uuid)
    assert found.status == "CREATE_FAILED"
    assert "not complete after 10 minutes" in str(found.status_reason)
    assert found.masters[0].name in str(found.status_reason)


def test_a_cloud_that_fails_for_a_while_is_asked_again_ever_more_rarely(house: House) -> None:
    cluster = house.accept()
    house.world.errors["ensure_infrastructure"] = [outage(), outage()]

    waits = house.keep_looking(cluster.uuid, times=2)

    assert waits == [1.0, 2.0]
    assert house.get(cluster.uuid).status == "CREATE_IN_PROGRESS"
    house.look(cluster.uuid)
    house.report(cluster.uuid, NodeState.READY)
    house.look(cluster.uuid)
    assert house.get(cluster.uuid).status == "CREATE_COMPLETE"


def test_a_cloud_that_goes_on_failing_fails_the_cluster_with_its_words(house: House) -> None:
    cluster = house.accept()
    house.world.errors["ensure_user"] = [CloudError("keystone", "no such host", retriable=True)] * 3

    house.keep_looking(cluster.uuid, times=3)

    found = house.get(cluster.uuid)
    assert (found.status, found.status_reason) == ("CREATE_FAILED", "keystone: no such host")


def test_reports_that_come_while_a_failed_step_waits_use_up_no_tries(house: House) -> None:
    cluster = house.accept()
    house.world.errors["ensure_infrastructure"] = [outage()]
    house.look(cluster.uuid)

    house.clock.go_on(0.25)
    waits = [house.look(cluster.uuid) for _ in range(5)]

    assert waits == [0.75] * 5
    assert house.world.calls["ensure_infrastructure"] == 1
    assert house.get(cluster.uuid).status == "CREATE_IN_PROGRESS"


def test_an_error_that_cannot_pass_is_not_tried_again(house: House) -> None:
    cluster = house.accept()
    house.world.errors["material"] = [CloudError("neutron", "network nowhere is not there", retriable=False)]

    house.look(cluster.uuid)

    assert house.get(cluster.uuid).status == "CREATE_FAILED"


def test_an_error_of_our_own_is_told_without_its_insides(house: House) -> None:
    cluster = house.accept()
    house.world.errors["material"] = [KeyError("secret thing")] * 3

    house.keep_looking(cluster.uuid, times=3)

    reason = str(house.get(cluster.uuid).status_reason)
    assert "ensure_infrastructure" in reason
    assert "secret thing" not in reason


def test_a_delete_leaves_nothing_behind(house: House) -> None:
    cluster = house.create()
    house.ask_to_delete(cluster.uuid)

    while house.look(cluster.uuid) is not None:
        house.clock.go_on(10)

    assert house.find(cluster.uuid) is None
    assert house.events(cluster.uuid) == []
    assert (house.world.users, house.world.grants, house.world.stacks) == ({}, {}, {})
    assert house.deps.vault.find(f"{cluster.uuid}-user") is None


def test_a_delete_of_what_was_never_begun_asks_no_cloud(house: House) -> None:
    cluster = house.accept()
    house.ask_to_delete(cluster.uuid)

    assert house.look(cluster.uuid) is None
    assert house.find(cluster.uuid) is None
    assert set(house.world.calls) <= {"forget"}


def test_a_delete_that_cannot_be_done_says_why_and_can_be_asked_for_again(house: House) -> None:
    cluster = house.create()
    house.ask_to_delete(cluster.uuid)
    house.world.errors["remove_infrastructure"] = [outage("port in use")] * 3
    house.keep_looking(cluster.uuid, times=3)
    failed = house.get(cluster.uuid)
    assert (failed.status, failed.status_reason) == ("DELETE_FAILED", "heat: port in use")

    house.ask_to_delete(cluster.uuid)
    while house.look(cluster.uuid) is not None:
        house.clock.go_on(10)

    assert house.find(cluster.uuid) is None


def test_a_delete_stops_a_create_that_is_being_worked_on(house: House) -> None:
    cluster = house.accept()
    driver = house.deps.drivers.get("k8s_fcos")
    observe = driver.observe

    def observe_while_the_user_deletes(*args: object) -> object:
        house.ask_to_delete(cluster.uuid)
        driver.observe = observe  # type: ignore[method-assign]
        return observe(*args)  # type: ignore[arg-type]

    driver.observe = observe_while_the_user_deletes  # type: ignore[method-assign,assignment]
    assert house.look(cluster.uuid) == 0.0
    assert house.get(cluster.uuid).status == "DELETE_IN_PROGRESS"

    while house.look(cluster.uuid) is not None:
        house.clock.go_on(10)
    assert house.find(cluster.uuid) is None


def test_a_conductor_that_lost_its_hold_writes_nothing_more(house: House) -> None:
    cluster = house.accept()
    rival = dataclasses.replace(house.deps, owner="conductor-2")
    driver = house.deps.drivers.get("k8s_fcos")
    observe = driver.observe

    def observe_for_too_long(*args: object) -> object:
        house.clock.go_on(31)
        with rival.store.write() as session:
            assert reservations.take(session, cluster.uuid, rival.owner, house.clock(), 60) is not None
        return observe(*args)  # type: ignore[arg-type]

    driver.observe = observe_for_too_long  # type: ignore[method-assign,assignment]
    house.look(cluster.uuid)

    found = house.get(cluster.uuid)
    assert found.stack_id is None
    assert {event.fence for event in house.events(cluster.uuid)} == {1}


@pytest.mark.parametrize("call", ["ensure_user", "grant", "material", "ensure_infrastructure", "observe"])
def test_cut_off_in_any_call_of_a_create_the_next_look_goes_on(house: House, call: str) -> None:
    cluster = house.accept()
    house.world.errors[call] = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        house.look(cluster.uuid)
    house.clock.go_on(31)

    house.look(cluster.uuid)
    house.report(cluster.uuid, NodeState.READY)
    house.look(cluster.uuid)

    assert house.get(cluster.uuid).status == "CREATE_COMPLETE"
    assert (len(house.world.users), len(house.world.stacks)) == (1, 1)


def test_a_stack_that_failed_because_something_was_away_is_tried_again_once_a_minute(house: House) -> None:
    cluster = house.accept()
    house.world.is_passing, house.world.reason = True, "network failed: (2003, Can't connect)"
    updates = []
    for _ in range(3):
        house.world.stacks[cluster.uuid] = InfrastructureStatus.FAILED
        house.look(cluster.uuid)
        house.world.stacks[cluster.uuid] = InfrastructureStatus.FAILED
        house.clock.go_on(20)
        house.look(cluster.uuid)
        updates.append(house.world.calls["update"])
        house.clock.go_on(45)

    assert updates == [1, 2, 3]
    assert house.get(cluster.uuid).status == "CREATE_IN_PROGRESS"
    assert "Can't connect" in str(house.operation(cluster.uuid).progress)

    house.look(cluster.uuid)
    house.report(cluster.uuid, NodeState.READY)
    house.look(cluster.uuid)
    assert house.get(cluster.uuid).status == "CREATE_COMPLETE"


@pytest.mark.parametrize("error", [CloudForbidden("heat", "no such user"), CloudNotFound("keystone", "no project")])
def test_a_cluster_whose_project_is_gone_can_be_deleted(house: House, error: CloudError) -> None:
    cluster = house.create()
    house.world.gone_projects.add(cluster.project_id)
    house.world.errors["remove_infrastructure"] = [error]
    house.ask_to_delete(cluster.uuid)

    while house.look(cluster.uuid) is not None:
        house.clock.go_on(10)

    assert house.find(cluster.uuid) is None
    assert house.world.users == {}


def test_a_cluster_that_may_not_be_touched_in_a_project_that_is_there_is_not_forgotten(house: House) -> None:
    cluster = house.create()
    house.world.errors["remove_infrastructure"] = [CloudForbidden("heat", "not allowed")]
    house.ask_to_delete(cluster.uuid)
    house.look(cluster.uuid)

    assert house.get(cluster.uuid).status == "DELETE_FAILED"
    assert house.world.users != {}


@pytest.mark.parametrize("call", ["remove_infrastructure", "remove_user", "forget"])
def test_cut_off_in_any_call_of_a_delete_the_next_look_goes_on(house: House, call: str) -> None:
    cluster = house.create()
    house.ask_to_delete(cluster.uuid)
    house.world.errors[call] = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        while house.look(cluster.uuid) is not None:
            house.clock.go_on(10)
    house.clock.go_on(31)

    while house.look(cluster.uuid) is not None:
        house.clock.go_on(10)

    assert house.find(cluster.uuid) is None
    assert (house.world.users, house.world.stacks) == ({}, {})
