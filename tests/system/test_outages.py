# SPDX-License-Identifier: Apache-2.0
"""A broker that is away and a conductor that is stopped cost time, and nothing else."""

from __future__ import annotations

import contextlib
import time

from tests.servers import free_port, rabbitmq, required
from tests.system.house import House
from tests.system.processes import wait_until

# What the issue promises of a conductor that is told to stop.
STOP_SECONDS = 10.0
ANSWER_SECONDS = 10.0
AT_ONCE = 6
RPC_TIMEOUT = 5


def test_without_a_broker_a_cluster_is_accepted_and_made_once_it_is_back(server_house: House) -> None:
    house, port = server_house, free_port()
    house.prepare(
        {
            "DEFAULT": {"transport_url": f"rabbit://guest:guest@127.0.0.1:{port}/"},
            "conductor": {"rpc_timeout": RPC_TIMEOUT},
        }
    )
    with contextlib.ExitStack() as services:
        with required(rabbitmq(port=port)):
            api = services.enter_context(house.api())
            services.enter_context(house.conductor())
            user = house.user()
            template = user.template("outage")

        began = time.monotonic()
        cluster = user.create(template, "no-broker")

        assert time.monotonic() - began < ANSWER_SECONDS
        assert user.status(cluster) == "CREATE_IN_PROGRESS"
        assert {"cluster", "operation", "event", "node", "reservation"} <= house.rows_of(cluster).keys()
        wait_until(lambda: house.health()["queue"].startswith("unreachable"), f"health {house.health()}", seconds=30)
        assert f"cluster {cluster}: nudge not sent, the queue cannot be reached" in api.text()
        assert house.is_healthy()

        with required(rabbitmq(port=port)):
            user.wait_for(cluster, "CREATE_COMPLETE")
            assert house.health()["queue"] == "reachable"
            user.remove(cluster)


def test_a_conductor_told_to_stop_ends_soon_and_its_successor_finishes_the_work(
    server_house: House, rabbitmq_url: str
) -> None:
    house = server_house
    house.prepare({"DEFAULT": {"transport_url": rabbitmq_url}})
    with house.api():
        user = house.user()
        template = user.template("stopping")
        with house.conductor("stopped") as stopped:
            clusters = [user.create(template, f"stopping-{n}", node_count=0) for n in range(AT_ONCE)]
            wait_until(lambda: house.cloud.leftovers().get("stack", 0) >= 2, "two stacks begun")
            began = time.monotonic()
            status = stopped.terminate()
            seconds = time.monotonic() - began
        unfinished = [one for one in clusters if user.status(one) == "CREATE_IN_PROGRESS"]
        with house.conductor("successor"):
            for cluster in clusters:
                user.wait_for(cluster, "CREATE_COMPLETE")
            found = house.cloud.leftovers()
            for cluster in clusters:
                user.delete(cluster)
            for cluster in clusters:
                user.wait_for(cluster, "gone")

    assert (status, seconds < STOP_SECONDS) == (0, True), f"{status} after {seconds:.1f} s"
    assert unfinished
    assert (found["stack"], found["user"]) == (AT_ONCE, AT_ONCE)
