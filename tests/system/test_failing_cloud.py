# SPDX-License-Identifier: Apache-2.0
"""A cloud that fails for a while delays a cluster; one that goes on failing fails it with the cause, and it can go."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest

from magnum_lite.store import operations
from magnum_lite.store.engine import Store
from tests.system.house import POCKET_ALONE, House
from tests.system.openstack import Shell
from tests.system.processes import wait_until
from tests.system.user import User

pytestmark = POCKET_ALONE

HEAT_CREATE = "create_stack"
MESSAGE = "The database of this service is away"


@pytest.fixture(scope="module")
def user(house: House) -> User:
    return house.user()


@pytest.fixture(scope="module")
def template(user: User) -> str:
    return user.template("failing-cloud")


@pytest.fixture(autouse=True)
def nothing_left(house: House) -> Iterator[None]:
    """Every one of these tests cleans up, however its cluster fared."""
    before = house.cloud.leftovers()
    yield
    wait_until(lambda: house.cloud.leftovers() == before, f"{house.cloud.leftovers()} as {before}", seconds=15)


def failed(user: User, cluster: str) -> str:
    """Wait until a cluster has failed and give why."""
    user.wait_for(cluster, "CREATE_FAILED")
    return str(user.show(cluster)["status_reason"])


def test_heat_that_fails_twice_delays_a_cluster(house: House, user: User, template: str) -> None:
    with house.cloud.fault("heat", "error", operation=HEAT_CREATE, count=2) as fault:
        cluster = user.create(template, "twice")
        user.wait_for(cluster, "CREATE_COMPLETE")

        assert house.cloud.hits(fault) == 2
    user.remove(cluster)


def test_heat_that_goes_on_failing_fails_a_cluster_with_heats_words(house: House, user: User, template: str) -> None:
    with house.cloud.fault("heat", "error", operation=HEAT_CREATE, message=MESSAGE) as fault:
        cluster = user.create(template, "for-ever")
        reason = failed(user, cluster)

        assert "heat" in reason
        assert MESSAGE in reason
        assert house.cloud.hits(fault) == 5
    user.remove(cluster)


def test_keystone_that_goes_on_failing_fails_a_cluster_with_its_name(house: House, user: User, template: str) -> None:
    with house.cloud.fault("keystone", "error", operation="create_user", message=MESSAGE):
        cluster = user.create(template, "no-user")
        reason = failed(user, cluster)

        assert "keystone" in reason
        assert MESSAGE in reason
    user.remove(cluster)


def test_heat_that_answers_too_late_is_asked_again_and_makes_one_stack(house: House, user: User, template: str) -> None:
    # Heat goes on with what it was asked for; only its answer comes after we have hung up.
    with house.cloud.fault("heat", "slow", operation=HEAT_CREATE, seconds=6.0, count=1):
        cluster = user.create(template, "late")
        user.wait_for(cluster, "CREATE_COMPLETE")

        assert house.cloud.leftovers()["stack"] == 1
    user.remove(cluster)


def test_an_api_that_is_gone_for_a_while_delays_a_delete(house: House, user: User, template: str) -> None:
    cluster = user.create(template, "delete-later")
    user.wait_for(cluster, "CREATE_COMPLETE")
    with house.cloud.fault("heat", "error", operation="delete_stack", count=2) as fault:
        user.remove(cluster)

        assert house.cloud.hits(fault) == 2


def test_a_delete_that_cannot_be_done_says_why_and_is_done_when_asked_for_again(
    house: House, user: User, template: str
) -> None:
    cluster = user.create(template, "delete-again")
    user.wait_for(cluster, "CREATE_COMPLETE")
    with house.cloud.fault("heat", "error", operation="delete_stack", message=MESSAGE):
        user.delete(cluster)
        user.wait_for(cluster, "DELETE_FAILED")
        assert MESSAGE in user.show(cluster)["status_reason"]

    user.remove(cluster)


def test_a_quota_that_is_used_up_is_named_with_the_resource(house: House, user: User, template: str) -> None:
    message = "Quota exceeded for cores: Requested 1, but already used 20 of 20 cores"
    with house.cloud.fault("nova", "quota", operation="create_server", message=message):
        cluster = user.create(template, "quota")
        reason = failed(user, cluster)

    assert "OS::Nova::Server" in reason
    assert "kube_m" in reason
    assert message in reason
    user.remove(cluster)


def test_a_server_in_error_is_named_with_its_place_and_novas_words(house: House, user: User, template: str) -> None:
    message = "No valid host was found. There are not enough hosts available."
    match = {"name": "*-master-0"}
    with house.cloud.fault("nova", "server-error", operation="create_server", message=message, match=match):
        cluster = user.create(template, "broken-server", node_count=0)
        reason = failed(user, cluster)

    assert "kube_masters/0/kube-master" in reason
    assert message in reason
    user.remove(cluster)


def test_a_node_that_dies_fails_the_cluster_in_time_and_is_named(house: House, user: User, template: str) -> None:
    with house.cloud.fault("nova", "agent-dies", operation="create_server", match={"name": "*-worker-0"}, seconds=0):
        cluster = user.create(template, "dead-node", create_timeout=30)
        _wait_for_the_workers(house, cluster)
        _let_the_time_run_out(house, cluster, minutes=30)
        reason = failed(user, cluster)

    assert "30 minutes" in reason
    assert f"{cluster[:8]}-default-worker-0" in reason
    user.remove(cluster)


def test_a_node_that_dies_goes_on_after_a_reboot(house: House, user: User, template: str) -> None:
    match = {"name": "*-worker-0"}
    with house.cloud.fault("nova", "agent-dies", operation="create_server", match=match, seconds=0, count=1):
        cluster = user.create(template, "reboot")
        _wait_for_the_workers(house, cluster)
    (name,) = [row.name for row in house.query(NOT_READY, cluster=cluster)]
    assert user.status(cluster) == "CREATE_IN_PROGRESS"

    Shell(house.cloud).run(f"server reboot --hard {name}")

    user.wait_for(cluster, "CREATE_COMPLETE")
    user.remove(cluster)


NOT_READY = "SELECT name FROM node WHERE cluster_uuid = :cluster AND state <> 'ready'"
PROGRESS = "SELECT progress FROM operation WHERE cluster_uuid = :cluster AND step = 'await_nodes'"


def _wait_for_the_workers(house: House, cluster: str) -> None:
    """Wait until nothing is missing but a worker, and the conductor has settled down to wait for it."""

    def says_so() -> bool:
        return any("nodes ready, waiting for" in row.progress for row in house.query(PROGRESS, cluster=cluster))

    wait_until(says_so, "the conductor waits for a worker", seconds=90)


def _let_the_time_run_out(house: House, cluster: str, *, minutes: int) -> None:
    """Have an operation begun so many minutes earlier than it did, as if that time had gone by."""
    store, earlier = Store.connect(house.database), datetime.timedelta(minutes=minutes)
    with store.write() as session:
        operation = operations.find_open(session, cluster)
        assert operation is not None
        assert operation.deadline is not None
        operation.started_at -= earlier
        operation.deadline -= earlier
        operation.look_at -= earlier
    store.close()
