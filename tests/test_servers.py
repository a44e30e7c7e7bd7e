# SPDX-License-Identifier: Apache-2.0
"""The servers that tests use really start, answer, and are gone afterwards."""

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import kombu
import pytest
import sqlalchemy

from tests import servers


def test_the_broker_keeps_a_message_until_it_is_taken(rabbitmq_url: str) -> None:
    with kombu.Connection(rabbitmq_url.replace("rabbit://", "amqp://")) as connection:
        queue = connection.SimpleQueue("a-nudge")
        queue.put({"cluster": "k8s"})
        message = queue.get(timeout=10)
        message.ack()
        queue.close()

    assert message.payload == {"cluster": "k8s"}


@pytest.mark.parametrize("database", ["mariadb_url", "postgresql_url"])
def test_a_database_server_answers(database: str, request: pytest.FixtureRequest) -> None:
    engine = sqlalchemy.create_engine(request.getfixturevalue(database))
    with engine.connect() as connection:
        answer = connection.execute(sqlalchemy.text("SELECT 42")).scalar_one()
    engine.dispose()

    assert answer == 42


def test_a_server_is_gone_when_its_test_is_over() -> None:
    with servers.required(servers.postgresql()) as url:
        port = urlsplit(url).port

    with socket.socket() as probe:
        refused = probe.connect_ex((servers.HOST, port))

    assert refused != 0


@contextlib.contextmanager
def _a_server_that_is_not_installed() -> Iterator[str]:
    raise servers.ServerUnavailable("rabbitmq-server is not installed")
    yield ""


def test_a_missing_server_fails_where_everything_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_ALL", "1")

    with pytest.raises(pytest.fail.Exception, match="rabbitmq-server is not installed"):
        servers.required(_a_server_that_is_not_installed()).__enter__()


def test_a_missing_server_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_ALL", raising=False)

    with pytest.raises(pytest.skip.Exception, match="rabbitmq-server is not installed"):
        servers.required(_a_server_that_is_not_installed()).__enter__()
