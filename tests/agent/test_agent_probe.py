# SPDX-License-Identifier: Apache-2.0
"""A part of Kubernetes is believed to be ready only when it is the cluster's own that says so."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.probe import AUTHORITY, CLIENT, probe
from tests.agent.authority import Authority
from tests.agent.downloads import Downloads, Reply


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("kubernetes-ca")


@pytest.fixture
def disk(tmp_path: Path, authority: Authority) -> Disk:
    disk = Disk(tmp_path / "root")
    disk.write(AUTHORITY, authority.pem)
    return disk


@pytest.fixture
def certified(authority: Authority, tmp_path: Path) -> Path:
    place = tmp_path / "server.pem"
    place.write_text(authority.server_pair("127.0.0.1"))
    return place


@contextlib.contextmanager
def a_server(certified: Path, **context: object) -> Iterator[Downloads]:
    with Downloads().serving(key_and_certificate=certified, **context) as server:
        server.replies["/readyz"] = Reply(b"ok")
        server.replies["/busy"] = Reply(b"not yet", 503)
        yield server


@pytest.mark.parametrize(("path", "expected"), [("/readyz", True), ("/busy", False), ("/missing", False)])
def test_a_part_is_ready_when_it_says_so(disk: Disk, certified: Path, path: str, expected: bool) -> None:
    with a_server(certified) as server:
        assert probe(f"{server.url}{path}", disk) is expected


def test_a_stranger_is_not_believed(disk: Disk, certified: Path) -> None:
    disk.write(AUTHORITY, Authority("another-ca").pem)

    with a_server(certified) as server:
        assert probe(f"{server.url}/readyz", disk) is False
        assert server.asked == []


def test_nobody_is_believed_before_the_authority_is_known(
    disk: Disk, certified: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not even one that the system would believe.
    monkeypatch.setenv("SSL_CERT_FILE", str(disk.at(AUTHORITY).rename(disk.root / "system.pem")))

    with a_server(certified) as server:
        assert probe(f"{server.url}/readyz", disk) is False


def test_plain_http_needs_no_authority(tmp_path: Path) -> None:
    with Downloads().serving() as server:
        server.replies["/readyz"] = Reply(b"ok")

        assert probe(f"{server.url}/readyz", Disk(tmp_path)) is True


def test_a_server_that_asks_who_we_are_sees_the_nodes_certificate(
    disk: Disk, certified: Path, authority: Authority
) -> None:
    pair = authority.server_pair("127.0.0.1")
    key, begin, certificate = pair.partition("-----BEGIN CERTIFICATE")
    disk.write(f"{CLIENT}.key", key, 0o600)
    disk.write(f"{CLIENT}.crt", begin + certificate)

    with a_server(certified, client_authority=authority.pem) as server:
        assert probe(f"{server.url}/readyz", disk) is True


def test_a_server_that_asks_who_we_are_sends_a_stranger_away(disk: Disk, certified: Path, authority: Authority) -> None:
    with a_server(certified, client_authority=authority.pem) as server:
        assert probe(f"{server.url}/readyz", disk) is False


def test_certificates_that_cannot_be_read_are_no_end_of_the_world(disk: Disk, certified: Path) -> None:
    disk.write(f"{CLIENT}.key", "half", 0o600)
    disk.write(f"{CLIENT}.crt", "half")

    with a_server(certified) as server:
        assert probe(f"{server.url}/readyz", disk) is False


def test_a_part_that_does_not_run_is_not_ready(disk: Disk) -> None:
    assert probe("https://127.0.0.1:9/readyz", disk) is False
