# SPDX-License-Identifier: Apache-2.0
"""On a real OpenStack: a service is killed in the middle of a create and of a delete, and comes back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.system.house import House, house_of
from tests.system.processes import wait_until
from tests.system.real_cloud import RealCloud
from tests.system.user import GONE, User

SETTLE_SECONDS = 90.0
VICTIMS = ("magnum-lite-conductor", "rabbitmq", "mariadb", "heat-engine")
# Heat says of what a killed engine was doing that it is in progress, for ever.
SOON = "[heat]\nsilent_seconds = 15\n"

# Cut off from its database, or dead, Heat cannot note what it just had made, and makes it once more when it goes on.
HEAT_FORGETS = ("mariadb", "heat-engine")
KNOWN_BY_US = frozenset({"stack", "user", "node"})


@pytest.fixture(scope="module")
def installed(devcloud: RealCloud) -> Iterator[House]:
    house = house_of(devcloud)
    with devcloud.configured(SOON):
        wait_until(house.is_healthy, "the API answers", seconds=60)
        yield house
    wait_until(house.is_healthy, "the API answers", seconds=60)


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
    kinds = KNOWN_BY_US if victim in HEAT_FORGETS else None
    wait_until_as_before(devcloud, before, kinds)


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


def wait_until_as_before(devcloud: RealCloud, before: Counter[str], kinds: frozenset[str] | None) -> None:
    """Wait until the cloud has as much of each kind, or of these kinds, as before."""
    seen = Counter[str]()

    def is_as_before() -> bool:
        seen.clear()
        seen.update(devcloud.leftovers())
        return all(seen[kind] == before[kind] for kind in kinds or seen.keys() | before.keys())

    try:
        wait_until(is_as_before, "as before", seconds=SETTLE_SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{before} became {seen}") from error
