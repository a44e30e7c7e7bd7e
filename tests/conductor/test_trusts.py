# SPDX-License-Identifier: Apache-2.0
"""Clusters that act by a trust of their requester."""

from __future__ import annotations

import pytest

from magnum_lite.errors import CloudError, CloudForbidden, CloudNotFound
from magnum_lite.model import Cluster, Grant
from magnum_lite.model.states import NodeState, Verb
from magnum_lite.store import clusters
from tests.conductor.conftest import House
from tests.wishes import resize

REFUSED = [CloudForbidden("heat", "not authorized"), CloudNotFound("heat", "Could not find trust")]


def accept(house: House, trust_id: str | None = "trust-1") -> Cluster:
    """Write what the API writes for a create by trust."""
    cluster = house.accept()
    with house.deps.store.write() as session:
        row = clusters.get(session, None, cluster.uuid)
        row.grant_kind, row.trust_id = Grant.TRUST.value, trust_id
    return cluster


def create(house: House) -> Cluster:
    cluster = accept(house)
    house.look(cluster.uuid)
    house.report(cluster.uuid, NodeState.READY)
    house.look(cluster.uuid)
    return house.get(cluster.uuid)


def test_its_user_is_given_no_role(house: House) -> None:
    cluster = create(house)

    assert (cluster.status, house.world.grants) == ("CREATE_COMPLETE", {})
    assert list(house.world.users) == [cluster.cluster_user_name]


def test_a_create_waits_for_the_trust(house: House) -> None:
    cluster = accept(house, trust_id=None)
    assert house.look(cluster.uuid) is not None
    assert house.world.calls["ensure_user"] == 0

    with house.deps.store.write() as session:
        clusters.set_trust(session, cluster.uuid, "trust-1")
    house.clock.go_on(1)
    house.look(cluster.uuid)
    assert house.world.calls["ensure_infrastructure"] == 1


def test_a_trust_that_never_came_fails_the_create_and_the_delete_takes_the_user_along(house: House) -> None:
    cluster = accept(house, trust_id=None)
    house.world.users[cluster.cluster_user_name] = ""
    house.look(cluster.uuid)
    house.clock.go_on(61)
    house.look(cluster.uuid)

    found = house.get(cluster.uuid)
    assert (found.status, house.operation(cluster.uuid).error_code) == ("CREATE_FAILED", "trust-lost")
    assert "delete this cluster and ask for it again" in str(found.status_reason)

    house.ask_to_delete(cluster.uuid)
    house.look(cluster.uuid)
    assert (house.find(cluster.uuid), house.world.users) == (None, {})


@pytest.mark.parametrize("error", REFUSED, ids=["forbidden", "not-found"])
def test_a_change_without_the_trust_fails_with_the_reason(house: House, error: CloudError) -> None:
    cluster = create(house)
    house.world.gone_trusts.add("trust-1")
    house.world.errors["change_infrastructure"] = [error]
    house.ask_for(cluster.uuid, Verb.RESIZE, resize(more=1))
    house.look(cluster.uuid)

    found = house.get(cluster.uuid)
    assert (found.status, house.operation(cluster.uuid).error_code) == ("UPDATE_FAILED", "trust-lost")
    assert f"it ends with user {cluster.user_id}" in str(found.status_reason)


def test_what_the_cloud_forbids_is_told_as_it_is_while_the_trust_stands(house: House) -> None:
    cluster = create(house)
    house.world.errors["change_infrastructure"] = [CloudForbidden("heat", "policy")]
    house.ask_for(cluster.uuid, Verb.RESIZE, resize(more=1))
    house.look(cluster.uuid)

    assert house.operation(cluster.uuid).error_code == "cloud-forbidden"


@pytest.mark.parametrize("error", REFUSED, ids=["forbidden", "not-found"])
def test_a_delete_without_the_trust_goes_on_by_roles(house: House, error: CloudError) -> None:
    cluster = create(house)
    house.world.gone_trusts.add("trust-1")
    house.world.errors["remove_infrastructure"] = [error]
    house.ask_to_delete(cluster.uuid)
    house.look(cluster.uuid)

    found = house.get(cluster.uuid)
    assert (found.grant_kind, found.trust_id) == ("role", None)
    assert list(house.world.grants.values()) == [{"member"}]
    assert "trust-lost" in [event.reason for event in house.events(cluster.uuid)]
    house.clock.go_on(5)
    house.look(cluster.uuid)
    assert (house.find(cluster.uuid), house.world.stacks, house.world.users) == (None, {}, {})


def test_a_user_whose_password_changed_is_not_acted_as_in_the_same_moment(house: House) -> None:
    """Keystone ends tokens by the second: one that was given right after the change may be among them."""
    cluster = accept(house)
    house.world.users[cluster.cluster_user_name] = "none yet"

    assert house.look(cluster.uuid) == 2.0
    assert house.world.calls["ensure_infrastructure"] == 0
    house.clock.go_on(2)
    house.look(cluster.uuid)
    assert (house.world.calls["ensure_user"], house.world.calls["ensure_infrastructure"]) == (1, 1)
