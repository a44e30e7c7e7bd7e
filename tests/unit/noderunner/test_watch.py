# SPDX-License-Identifier: Apache-2.0
"""The servers' insides follow what Nova says of the servers."""

from __future__ import annotations

import dataclasses
import logging
import threading

import pytest
from keystoneauth1.exceptions import ConnectFailure

from magnum_lite.noderunner.nodes import Server
from magnum_lite.noderunner.nova import Listing, Sighting
from magnum_lite.noderunner.watch import Watch

MOMENT = "2026-11-26T00:00:00Z"


class FakeNova:
    """Tells of the servers that a test has put there, whatever moment is asked for."""

    def __init__(self) -> None:
        self.sightings: dict[str, Sighting] = {}
        self.boots: dict[str, str] = {}
        self.asked: list[str | None] = []
        self.is_away = False

    def changed(self, since: str | None) -> Listing:
        self.asked.append(since)
        if self.is_away:
            raise ConnectFailure("nobody listens")
        return Listing(tuple(self.sightings.values()), MOMENT)

    def last_boot(self, server_id: str) -> str:
        return self.boots.get(server_id, "")

    def show(self, status: str, *, updated: str, ident: str = "one") -> None:
        server = Server(ident, f"name-of-{ident}", "project", "user", "data", "image")
        self.sightings[ident] = Sighting(server, status, updated)


@dataclasses.dataclass
class FakeInsides:
    """Writes down what is done to servers."""

    disks: list[str] = dataclasses.field(default_factory=list)
    done: list[str] = dataclasses.field(default_factory=list)

    def begin(self, server: Server) -> None:
        self.done.append(f"begin {server.id}")

    def end(self, server_id: str, *, forget: bool = False, at_once: bool = False) -> None:
        self.done.append(f"{'forget' if forget else 'end'} {server_id}")

    def known(self) -> list[str]:
        return self.disks


@pytest.fixture
def nova() -> FakeNova:
    return FakeNova()


@pytest.fixture
def insides() -> FakeInsides:
    return FakeInsides()


@pytest.fixture
def watch(nova: FakeNova, insides: FakeInsides) -> Watch:
    return Watch(nova, insides, seconds=0.01)


def test_a_server_is_booted_once_when_it_is_active(nova: FakeNova, insides: FakeInsides, watch: Watch) -> None:
    nova.show("BUILD", updated="1")
    watch.look()
    before = list(insides.done)
    for updated in ("2", "2", "3"):
        nova.show("ACTIVE", updated=updated)
        watch.look()

    assert (before, insides.done) == ([], ["begin one"])
    assert nova.asked == [None, MOMENT, MOMENT, MOMENT]


def test_a_reboot_or_a_rebuild_ends_the_agent_and_starts_it_again(
    nova: FakeNova, insides: FakeInsides, watch: Watch
) -> None:
    nova.show("ACTIVE", updated="1")
    watch.look()
    nova.boots["one"] = "req-newer"
    nova.show("ACTIVE", updated="2")
    watch.look()

    assert insides.done == ["begin one", "end one", "begin one"]


@pytest.mark.parametrize("status", ["SHUTOFF", "SUSPENDED"])
def test_a_server_that_stands_still_keeps_its_disk(
    nova: FakeNova, insides: FakeInsides, watch: Watch, status: str
) -> None:
    nova.show("ACTIVE", updated="1")
    watch.look()
    for updated in ("2", "3"):
        nova.show(status, updated=updated)
        watch.look()
    nova.show("ACTIVE", updated="4")
    watch.look()

    assert insides.done == ["begin one", "end one", "begin one"]


def test_a_deleted_server_is_forgotten_once(nova: FakeNova, insides: FakeInsides, watch: Watch) -> None:
    nova.show("ACTIVE", updated="1")
    watch.look()
    for _ in range(2):
        nova.show("DELETED", updated="2")
        watch.look()

    assert insides.done == ["begin one", "forget one"]


def test_disks_of_servers_that_went_while_nobody_looked_are_dropped(
    nova: FakeNova, insides: FakeInsides, watch: Watch
) -> None:
    insides.disks = ["one", "gone"]
    nova.show("ACTIVE", updated="1")
    watch.look()

    assert insides.done == ["forget gone", "begin one"]


def test_nova_being_away_is_said_once_and_ends_nothing(
    nova: FakeNova, insides: FakeInsides, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    nova.show("ACTIVE", updated="1")
    watch.look()
    nova.is_away, stopping = True, threading.Event()
    with caplog.at_level(logging.INFO):
        thread = threading.Thread(target=watch.run, args=(stopping,))
        thread.start()
        while len(nova.asked) < 4:
            stopping.wait(0.01)
        stopping.set()
        thread.join(5)

    assert insides.done == ["begin one"]
    assert [record.message for record in caplog.records] == ["Nova cannot be asked: nobody listens"]
