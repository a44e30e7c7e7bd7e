# SPDX-License-Identifier: Apache-2.0
"""Calls over the network end in an answer or a clear error, and a server has to prove who it is."""

import socket
from pathlib import Path

import pytest

from magnum_lite.agent.errors import CallFailed
from magnum_lite.agent.web import Call, Trust, is_web_address, send
from tests.agent.authority import Authority
from tests.agent.control_plane import ControlPlane
from tests.agent.nodes import Node, a_document


@pytest.fixture
def authority() -> Authority:
    return Authority("service-ca")


@pytest.fixture
def certified(authority: Authority, tmp_path: Path) -> Path:
    place = tmp_path / "server.pem"
    place.write_text(authority.server_pair("127.0.0.1"))
    return place


def test_a_node_becomes_ready_over_https(authority: Authority, certified: Path, tmp_path: Path) -> None:
    plane = ControlPlane()
    plane.document = a_document(plane)
    with plane.serving(key_and_certificate=certified):
        node = Node(tmp_path / "root", plane)
        node.boot(api_ca=authority.pem)

        node.agent().run(once=True)

    assert plane.states[-1] == "ready"
    assert [signal["status"] for signal in plane.signals] == ["SUCCESS"]


def test_a_server_that_cannot_prove_itself_gets_no_token(certified: Path, tmp_path: Path) -> None:
    plane = ControlPlane()
    with plane.serving(key_and_certificate=certified):
        call = Call("GET", f"{plane.url}/v1/agent/nodes/n/document", {"Authorization": "Bearer secret"})

        with pytest.raises(CallFailed, match="certificate verify failed"):
            send(call, Trust(Authority("another-ca").pem), timeout=5)

    assert plane.requests == []


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        call = Call("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/", {})

        with pytest.raises(CallFailed, match="does not answer: timed out"):
            send(call, Trust(), timeout=0.2)


def test_a_redirect_is_not_followed(plane: ControlPlane, node: Node) -> None:
    plane.refusals["document"].append(302)

    pause = node.agent().turn()

    assert pause < 0.7
    assert plane.states == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:9511/v1", True),
        ("https://[::1]/v1", True),
        ("ftp://127.0.0.1/", False),
        ("http://", False),
        ("http://127.0.0.1:port/", False),
        ("127.0.0.1:9511", False),
    ],
)
def test_an_address_of_the_web_is_told_from_others(url: str, expected: bool) -> None:
    assert is_web_address(url) is expected


def test_an_answer_without_end_is_given_up(tmp_path: Path) -> None:
    plane = ControlPlane()
    plane.document_text = "x" * (8 * 1024 * 1024 + 1)
    with plane.serving():
        node = Node(tmp_path, plane)
        node.boot()

        node.agent().turn()

    assert plane.states == []
    assert [path.name for path in tmp_path.iterdir()] == ["etc"]
