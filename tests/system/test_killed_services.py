# SPDX-License-Identifier: Apache-2.0
"""On a real OpenStack: a service is killed in the middle of a create and of a delete, and comes back."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.system.house import House, house_of
from tests.system.processes import wait_until
from tests.system.real_cloud import RealCloud
from tests.system.user import GONE, User

SETTLE_SECONDS = 90.0
VICTIMS = ("magnum-lite-conductor", "rabbitmq", "mariadb")


@pytest.fixture
def installed(devcloud: RealCloud) -> House:
    return house_of(devcloud)


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_create_and_a_delete_come_to_their_end_though_a_service_is_killed(
    installed: House, devcloud: RealCloud, victim: str
) -> None:
    user, before = installed.user(), Counter(devcloud.leftovers())
    cluster = user.create(user.template(f"killed-{victim}"), f"killed-{victim}")
    wait_until(lambda: (Counter(devcloud.leftovers()) - before)["port"] > 0, "the stack is begun", seconds=120)
    devcloud.command("kill", victim)
    devcloud.command("start", victim)
    user.wait_for(cluster, "CREATE_COMPLETE")

    user.delete(cluster)
    wait_until(lambda: _is_being_deleted(user, cluster), "the stack is being deleted", seconds=120)
    devcloud.command("kill", victim)
    devcloud.command("start", victim)
    user.wait_for(cluster, GONE)

    assert installed.rows_of(cluster) == {}
    wait_until(lambda: Counter(devcloud.leftovers()) == before, f"as before: {before}", seconds=SETTLE_SECONDS)


def _is_being_deleted(user: User, cluster: str) -> bool:
    """Ask Heat, as the tenant, whether it deletes the cluster's stack; it may be through already."""
    shown = user.call("GET", f"/clusters/{cluster}")
    if shown.status_code == 404:
        return True
    answer = user.session.get(
        f"/stacks/{shown.json()['stack_id']}",
        endpoint_filter={"service_type": "orchestration"},
        raise_exc=False,
        redirect=3,
    )
    return answer.status_code == 404 or json.loads(answer.text)["stack"]["stack_status"].startswith("DELETE_")
