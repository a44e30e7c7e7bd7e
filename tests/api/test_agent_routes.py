# SPDX-License-Identifier: Apache-2.0
"""What nodes ask and tell."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from magnum_lite.errors import DocumentNotReady, InvalidCSR, ServiceUnavailable
from magnum_lite.model import Node
from tests.api.service import Service, error_of
from tests.fakes.conductor import AUTHORITY, PEM

TOKEN = "a-token-of-its-own"
REPORT = {
    "generation": 1,
    "state": "booting",
    "message": "reading the document",
    "phases": [{"name": "keys", "state": "complete", "seconds": 0.5, "attempts": 1}],
    "versions": {"kubelet": "v1.35.4"},
}


@pytest.fixture
def node(service: Service) -> str:
    """Give the UUID of a node that has its token and its address."""
    cluster = service.cluster()
    with service.store.write() as session:
        row = session.scalars(sa.select(Node).where(Node.cluster_uuid == cluster, Node.role == "worker")).one()
        row.token_hash = hashlib.sha256(TOKEN.encode()).hexdigest()
        row.address = "127.32.0.5"
        uuid = row.uuid
    service.conductor.nudged.clear()
    return str(uuid)


def ask(
    service: Service, method: str, path: str, body: Any = None, *, token: str = TOKEN, **headers: str
) -> TestResponse:
    sent = {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return service.call(method, f"/v1/agent/nodes/{path}", body, user=None, headers=sent)


def row_of(service: Service, uuid: str) -> Node:
    with service.store.read() as session:
        return session.scalars(sa.select(Node).where(Node.uuid == uuid)).one()


def test_a_node_gets_its_document_with_a_tag(service: Service, node: str) -> None:
    answer = ask(service, "GET", f"{node}/document")

    assert (answer.status_code, answer.json) == (200, {"generation": 1})
    assert answer.headers["ETag"] == '"1-1"'
    assert answer.content_type == "application/json"


def test_a_document_that_is_still_right_costs_one_statement_and_no_message(service: Service, node: str) -> None:
    with service.statements() as seen:
        answer = ask(service, "GET", f"{node}/document", If_None_Match='"1-1"')

    assert (answer.status_code, answer.data, len(seen)) == (304, b"", 1)
    assert answer.headers["ETag"] == '"1-1"'
    assert service.conductor.calls == []


def test_a_document_that_has_changed_is_given_again(service: Service, node: str) -> None:
    with service.store.write() as session:
        session.execute(sa.update(Node).where(Node.uuid == node).values(generation=2))
    answer = ask(service, "GET", f"{node}/document", If_None_Match='"1-1"')

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1-2"')


def test_a_node_without_an_address_is_told_to_ask_again_without_a_message(service: Service, node: str) -> None:
    with service.store.write() as session:
        session.execute(sa.update(Node).where(Node.uuid == node).values(address=None))
    answer = ask(service, "GET", f"{node}/document")

    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert error_of(answer)["code"] == "node-document-not-ready"
    assert service.conductor.calls == []


def test_a_document_the_conductor_cannot_write_yet_is_asked_for_again(service: Service, node: str) -> None:
    service.conductor.refusal = DocumentNotReady("the masters have no addresses yet")
    answer = ask(service, "GET", f"{node}/document")

    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")


def test_no_conductor_is_a_503(service: Service, node: str) -> None:
    service.conductor.refusal = ServiceUnavailable("No conductor answered in time; try again later")

    assert ask(service, "GET", f"{node}/document").status_code == 503


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_a_wrong_token_is_refused(service: Service, node: str, authorization: str) -> None:
    headers = {"Authorization": authorization}
    answer = service.call("GET", f"/v1/agent/nodes/{node}/document", user=None, headers=headers)

    assert (answer.status_code, error_of(answer)["code"]) == (401, "unauthorized")
    assert service.conductor.calls == []


def test_a_node_without_a_token_cannot_be_impersonated(service: Service, node: str) -> None:
    with service.store.write() as session:
        session.execute(sa.update(Node).where(Node.uuid == node).values(token_hash=None))

    assert ask(service, "GET", f"{node}/document", token="").status_code == 401


def test_the_token_of_one_node_opens_no_other(service: Service, node: str) -> None:
    with service.store.read() as session:
        other = session.scalars(sa.select(Node.uuid).where(Node.uuid != node)).first()

    assert ask(service, "GET", f"{other}/document").status_code == 401


def test_a_users_token_opens_no_node(service: Service, node: str) -> None:
    assert service.call("GET", f"/v1/agent/nodes/{node}/document", user="admin").status_code == 401


def test_an_unknown_node_is_not_found(service: Service) -> None:
    assert ask(service, "GET", "none-such/document").status_code == 404


def test_a_node_has_its_certificate_signed(service: Service, node: str) -> None:
    answer = ask(service, "POST", f"{node}/certificates", {"profile": "kubelet", "csr": "a\nCSR\n"})

    assert answer.status_code == 201
    assert answer.json == {"profile": "kubelet", "certificate": PEM, "authority": AUTHORITY}
    assert service.conductor.calls == [("sign_for_node", node, "kubelet", "a\nCSR\n")]


def test_a_bad_csr_is_refused_for_good(service: Service, node: str) -> None:
    service.conductor.refusal = InvalidCSR("the subject must be system:node:x")
    answer = ask(service, "POST", f"{node}/certificates", {"profile": "kubelet", "csr": "x"})

    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid-csr")


def test_a_report_is_kept_and_a_new_state_is_told_to_the_conductor(service: Service, node: str) -> None:
    answer = ask(service, "POST", f"{node}/report", REPORT)
    row = row_of(service, node)

    assert (answer.status_code, answer.data) == (204, b"")
    assert (row.state, row.message, row.reported_generation) == ("booting", "reading the document", 1)
    assert row.phases == REPORT["phases"]
    assert row.versions == {"kubelet": "v1.35.4"}
    assert row.last_report_at is not None
    assert service.conductor.nudged == [row.cluster_uuid]


def test_the_same_state_again_is_kept_and_told_to_nobody(service: Service, node: str) -> None:
    ask(service, "POST", f"{node}/report", REPORT)
    service.conductor.nudged.clear()
    ask(service, "POST", f"{node}/report", {**REPORT, "message": None})

    assert row_of(service, node).message is None
    assert service.conductor.nudged == []


def test_that_a_node_is_on_its_way_is_kept_and_told_to_nobody(service: Service, node: str) -> None:
    ask(service, "POST", f"{node}/report", REPORT)
    service.conductor.nudged.clear()
    ask(service, "POST", f"{node}/report", {**REPORT, "state": "configuring"})
    told_on_its_way = list(service.conductor.nudged)
    ask(service, "POST", f"{node}/report", {**REPORT, "state": "ready"})

    assert told_on_its_way == []
    assert len(service.conductor.nudged) == 1


BAD_REPORTS: tuple[dict[str, Any], ...] = (
    {"state": "wanted"},
    {"state": None},
    {"generation": "first"},
    {"phases": {"name": "keys"}},
    {"phases": ["keys"]},
    {"versions": ["v1"]},
    {"mood": "fine"},
)


@pytest.mark.parametrize("fields", BAD_REPORTS, ids=str)
def test_a_bad_report_is_refused(service: Service, node: str, fields: dict[str, Any]) -> None:
    answer = ask(service, "POST", f"{node}/report", {**REPORT, **fields})

    assert answer.status_code == 400
    assert row_of(service, node).state == "wanted"
