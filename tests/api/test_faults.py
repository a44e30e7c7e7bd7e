# SPDX-License-Identifier: Apache-2.0
"""Errors tell what was wrong and nothing of our insides; health tells whether the service can answer."""

from __future__ import annotations

import datetime
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from magnum_lite.errors import ConfigurationError
from magnum_lite.store import services
from tests.api.service import Service, error_of


def test_an_unexpected_error_is_logged_and_not_told(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with service.store.write() as session:
        session.execute(sa.text("DROP TABLE nodegroup"))
    with caplog.at_level(logging.ERROR):
        answer = service.call("GET", "/v1/clusters")

    assert answer.status_code == 500
    request_id = error_of(answer)["request_id"]
    assert error_of(answer)["title"] == f"The server failed; its log tells why under request {request_id}"
    assert "nodegroup" not in answer.text
    assert request_id in caplog.text
    assert "no such table" in caplog.text


def test_what_the_operator_must_mend_is_not_told_either(service: Service) -> None:
    template = service.template()
    service.clouds.refusal = ConfigurationError("/etc/magnum_lite/secret.conf is missing")
    answer = service.call("POST", "/v1/clusters", {"name": "k8s", "cluster_template_id": template})

    assert answer.status_code == 500
    assert "secret.conf" not in answer.text


def test_health_of_a_service_that_can_answer(service: Service) -> None:
    with service.store.write() as session:
        services.beat(session, "here", "magnum-conductor", datetime.datetime.now(datetime.UTC))
    service.conductor.reachable = False
    answer = service.call("GET", "/healthcheck?detailed", user=None)

    assert answer.status_code == 200
    assert answer.json["checks"] == {
        "service": "enabled",
        "database": "answers",
        "conductors": "1 up of 1",
        "queue": "unreachable: work begins late",
    }


def test_health_of_a_service_that_is_disabled(service: Service) -> None:
    Path(service.conf.api.healthcheck_disable_file).touch()
    answer = service.call("GET", "/healthcheck", user=None)

    assert answer.status_code == 503
    assert "disabled by file" in error_of(answer)["title"]


def test_health_of_a_service_without_a_database(service: Service) -> None:
    with service.store.write() as session:
        session.execute(sa.text("DROP TABLE service"))
    answer = service.call("GET", "/healthcheck", user=None)

    assert answer.status_code == 503
    assert answer.json["checks"]["database"] == "does not answer"
    assert "no such table" not in answer.text


def test_services_are_up_as_long_as_they_are_heard(service: Service) -> None:
    now = datetime.datetime.now(datetime.UTC)
    with service.store.write() as session:
        services.beat(session, "alive", "magnum-conductor", now)
        services.beat(session, "silent", "magnum-conductor", now - datetime.timedelta(seconds=200))
    listed = service.call("GET", "/v1/mservices", user="admin").json["mservices"]

    assert {one["host"]: one["state"] for one in listed} == {"alive": "up", "silent": "down"}
