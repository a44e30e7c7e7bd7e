# SPDX-License-Identifier: Apache-2.0
"""The API's nudges and questions reach a conductor, in memory and over a real broker, and errors come back whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import kombu
import pytest

from magnum_lite import conf as configuration
from magnum_lite.certs.signee import Signee
from magnum_lite.errors import DocumentNotReady, InvalidCSR, ServiceUnavailable
from magnum_lite.rpc import conductor as rpc
from magnum_lite.rpc import transport
from tests.servers import free_port

SECONDS = 20.0
CLUSTER = "c0ffee00-0000-4000-8000-000000000001"


class Recorder:
    """A conductor's endpoint that writes down what it is told."""

    def __init__(self) -> None:
        self.nudged: list[str] = []
        self.heard = threading.Event()

    def reconcile(self, cluster_uuid: str) -> None:
        self.nudged.append(cluster_uuid)
        self.heard.set()

    def sign_for_user(self, cluster_uuid: str, kind: str, csr: str, signee: Signee) -> str:
        return f"{cluster_uuid} {kind} {csr} {signee.groups} {signee.names} {signee.request_id}"

    def sign_for_node(self, node_uuid: str, profile: str, csr: str) -> Mapping[str, str]:
        raise InvalidCSR("the CSR has two CN")

    def node_document(self, node_uuid: str) -> str:
        raise DocumentNotReady("node a has no address yet")


@pytest.fixture(params=["memory", pytest.param("rabbitmq", marks=pytest.mark.xdist_group("servers"))])
def url(request: pytest.FixtureRequest) -> str:
    return "fake://" if request.param == "memory" else request.getfixturevalue("rabbitmq_url")


def wire(url: str, folder: Path) -> transport.Transport:
    path = folder / f"{len(list(folder.iterdir()))}.conf"
    path.write_text(f"[DEFAULT]\ntransport_url = {url}\n")
    return transport.new(configuration.new([], [str(path)]))


@pytest.fixture
def both(url: str, tmp_path: Path) -> Iterator[tuple[rpc.ConductorClient, Recorder]]:
    """A client and the endpoint of a server, on one transport."""
    recorder, line = Recorder(), wire(url, tmp_path)
    server = rpc.new_server(line, recorder, server="conductor-1")
    client = rpc.ConductorClient(line, timeout=SECONDS)
    server.start()
    yield client, recorder
    client.close()
    server.stop()
    server.wait()
    line.cleanup()


def test_a_nudge_arrives(both: tuple[rpc.ConductorClient, Recorder]) -> None:
    client, recorder = both
    client.nudge(CLUSTER)

    assert recorder.heard.wait(SECONDS)
    assert recorder.nudged == [CLUSTER]


def test_a_question_is_answered(both: tuple[rpc.ConductorClient, Recorder]) -> None:
    client, _ = both

    answer = client.sign_for_user(CLUSTER, "etcd", "CSR", Signee("ann-id", "req-1", ["dev"], None))

    assert answer == f"{CLUSTER} etcd CSR ['dev'] None req-1"


def test_an_error_comes_back_as_what_it_was(both: tuple[rpc.ConductorClient, Recorder]) -> None:
    client, _ = both

    with pytest.raises(InvalidCSR, match="the CSR has two CN"):
        client.sign_for_node("node", "kubelet", "CSR")
    with pytest.raises(DocumentNotReady, match="no address yet"):
        client.node_document("node")


def test_without_a_broker_a_nudge_costs_no_time_and_a_question_is_refused(tmp_path: Path) -> None:
    line = wire(f"rabbit://guest:guest@127.0.0.1:{free_port()}/", tmp_path)
    client = rpc.ConductorClient(line, timeout=2)

    began = time.monotonic()
    client.nudge(CLUSTER)
    took = time.monotonic() - began
    with pytest.raises(ServiceUnavailable):
        client.node_document("node")
    deadline = time.monotonic() + SECONDS
    while client.is_reachable() and time.monotonic() < deadline:
        threading.Event().wait(0.05)

    assert not client.is_reachable()
    assert took < 1


@pytest.mark.xdist_group("servers")
def test_a_nudge_waits_in_a_durable_queue_for_a_conductor_that_is_away(rabbitmq_url: str, tmp_path: Path) -> None:
    line = wire(rabbitmq_url, tmp_path)
    away, back = Recorder(), Recorder()
    first = rpc.new_server(line, away, server="conductor-1")
    first.start()
    first.stop()
    first.wait()
    client = rpc.ConductorClient(line, timeout=SECONDS)
    client.nudge(CLUSTER)
    client.close()

    with kombu.Connection(rabbitmq_url.replace("rabbit://", "amqp://")) as connection:
        queue = kombu.Queue(transport.TOPIC, durable=True, channel=connection.default_channel)
        waiting = queue.queue_declare(passive=True).message_count
    second = rpc.new_server(line, back, server="conductor-2")
    second.start()

    assert waiting == 1
    assert back.heard.wait(SECONDS)
    assert (away.nudged, back.nudged) == ([], [CLUSTER])
    second.stop()
    second.wait()
    line.cleanup()
