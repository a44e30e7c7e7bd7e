# SPDX-License-Identifier: Apache-2.0
"""A conductor that is killed at any boundary of any step leaves nothing twice, nothing over and nothing undone."""

from __future__ import annotations

import contextlib
import datetime
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from keystoneauth1.exceptions.connection import ConnectionError as CutOff

from magnum_lite.certs import authority
from magnum_lite.conductor.reconcile import PLANS
from magnum_lite.model.states import Verb
from magnum_lite.store.engine import Store
from tests.servers import HOST, free_port
from tests.system.cloud import pocket
from tests.system.dying_service import AFTER, BEFORE, DIED, WAITING
from tests.system.house import House
from tests.system.processes import Process, wait_until
from tests.system.user import GONE, User
from tests.wishes import accept, new_group, resize, several

# These wait for Heat and have asked it for something before. Those that wait for nodes do nothing else.
WAITING_STEPS = ("ensure_infrastructure", "change_infrastructure", "remove_infrastructure")
# One verb for each plan: all changes have the same one.
VERBS = (Verb.CREATE, Verb.RESIZE, Verb.DELETE)
MOMENTS = [
    (verb.value, step.__name__, moment)
    for verb in VERBS
    for step in PLANS[verb]
    for moment in (BEFORE, WAITING, AFTER)
    if moment != WAITING or step.__name__ in WAITING_STEPS
]
# Longer than a busy machine may keep the renewing thread from running, and short enough to be waited for.
RESERVATION_SECONDS = 1.5


@dataclass
class Mortals:
    """A service that can be told to die, with a user and what an undisturbed cluster of theirs looks like."""

    house: House
    user: User
    template: str
    process: Process
    orders: Path
    usual: Counter[str]
    changed: Counter[str]
    secrets: int

    def order(self, moment: tuple[str, str, str]) -> None:
        """Have the service die at a moment, once."""
        new = self.orders.with_suffix(".new")
        new.write_text(" ".join(moment))
        new.rename(self.orders)

    def deaths(self) -> int:
        return self.process.text().count(f"{DIED} {signal.SIGKILL.value}\n")

    def create(self, name: str) -> str:
        """Ask for a cluster; the answer may die with the service, its row does not."""
        wait_until(self.house.is_healthy, "a living service")
        with contextlib.suppress(CutOff):
            self.user.create(self.template, name)
        listed: list[str] = []

        def is_listed() -> bool:
            listed[:] = self.named(name)
            return bool(listed)

        # The service may die between two questions, so the answer that ends the wait is the one that is used.
        wait_until(is_listed, f"cluster {name} listed", despite=(CutOff,))
        (uuid,) = listed
        return uuid

    def change(self, uuid: str) -> None:
        """Have a worker replaced and a nodegroup made at once, and wait for it."""
        wish = several(resize(more=1, without=(0,)), new_group("storage", 1))
        store = Store.connect(self.house.database)
        accept(store, uuid, Verb.RESIZE, wish, now=datetime.datetime.now(datetime.UTC))
        store.close()
        self.user.wait_for(uuid, "UPDATE_COMPLETE")

    def named(self, name: str) -> list[str]:
        clusters = self.user.call("GET", "/clusters").json()["clusters"]
        return [one["uuid"] for one in clusters if one["name"] == name]

    def delete(self, uuid: str) -> None:
        with contextlib.suppress(CutOff):
            self.user.delete(uuid)
        self.user.wait_for(uuid, GONE)


@pytest.fixture(scope="module")
def mortals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortals]:
    folder, api_port = tmp_path_factory.mktemp("dying"), free_port()
    orders = folder / "orders"
    with pocket(folder, magnum_url=f"http://{HOST}:{api_port}/v1") as cloud:
        house = House(folder, cloud, api_port=api_port)
        house.prepare({"conductor": {"reservation_seconds": RESERVATION_SECONDS, "periodic_seconds": 0.2}})
        script = [sys.executable, "-m", "tests.system.dying_service", str(orders)]
        process = Process([*script, "--config-file", str(house.configuration)], folder / "service.txt")
        try:
            process.wait_for(house.is_healthy)
            user = house.user()
            mortals = Mortals(house, user, user.template("dying"), process, orders, Counter(), Counter(), 0)
            _look_at_an_undisturbed_cluster(mortals)
            yield mortals
        finally:
            process.stop()


def _look_at_an_undisturbed_cluster(mortals: Mortals) -> None:
    uuid = mortals.create("undisturbed")
    mortals.user.wait_for(uuid, "CREATE_COMPLETE")
    mortals.usual = Counter(mortals.house.cloud.leftovers())
    mortals.secrets = mortals.house.rows_of(uuid)["secret"]
    mortals.change(uuid)
    mortals.changed = Counter(mortals.house.cloud.leftovers())
    mortals.delete(uuid)


@pytest.mark.xdist_group("mortals")
@pytest.mark.parametrize("moment", MOMENTS, ids="-".join)
def test_killed_at_a_boundary_a_cluster_ends_complete_and_later_gone(
    mortals: Mortals, moment: tuple[str, str, str]
) -> None:
    house, deaths, before = mortals.house, mortals.deaths(), mortals.house.cloud.leftovers()
    name = f"dying-{MOMENTS.index(moment)}"

    if moment[0] == Verb.CREATE:
        mortals.order(moment)
    uuid = mortals.create(name)
    mortals.user.wait_for(uuid, "CREATE_COMPLETE")
    if moment[0] in (Verb.RESIZE, Verb.DELETE):
        mortals.order(moment)
    if moment[0] == Verb.RESIZE:
        mortals.change(uuid)

    assert mortals.named(name) == [uuid]
    expected = mortals.changed if moment[0] == Verb.RESIZE else mortals.usual
    assert Counter(house.cloud.leftovers()) - Counter(before) == expected
    assert mortals.usual["stack"] == mortals.usual["user"] == 1
    assert _kinds_of_authorities(house, uuid) == Counter(authority.KINDS)
    assert house.rows_of(uuid)["secret"] == mortals.secrets

    mortals.delete(uuid)

    assert mortals.deaths() == deaths + 1
    wait_until(lambda: house.cloud.leftovers() == before, f"leftovers as before: {before}", seconds=10)
    assert house.rows_of(uuid) == {}


def _kinds_of_authorities(house: House, uuid: str) -> Counter[str]:
    return Counter(row.kind for row in house.query("SELECT kind FROM authority WHERE cluster_uuid = :uuid", uuid=uuid))
