# SPDX-License-Identifier: Apache-2.0
"""A download is used only when it is whole and what it is said to be, and is fetched only where nobody can listen."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from magnum_lite.agent.download import verified
from magnum_lite.agent.errors import HostFailed
from magnum_lite.nodeconf import Source
from tests.agent.authority import Authority
from tests.agent.downloads import Downloads, Reply


@pytest.fixture
def downloads() -> Iterator[Downloads]:
    with Downloads().serving() as found:
        yield found


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("mirror-ca")


@pytest.fixture
def certified(authority: Authority, tmp_path: Path) -> Path:
    place = tmp_path / "server.pem"
    place.write_text(authority.server_pair("127.0.0.1", names=("mirror.example",)))
    return place


@pytest.fixture
def authorities(authority: Authority, tmp_path: Path) -> Path:
    place = tmp_path / "ca.pem"
    place.write_text(authority.pem)
    return place


def received(source: Source, folder: Path, **limits: object) -> bytes:
    with verified(source, folder / "downloads", **limits) as file:
        return file.read()


def refusal(source: Source, folder: Path, **limits: object) -> HostFailed:
    with pytest.raises(HostFailed) as found:
        received(source, folder, **limits)
    return found.value


def test_a_download_is_what_its_digest_says(downloads: Downloads, tmp_path: Path) -> None:
    source = downloads.offer("/tool", b"tool" * 1000)

    assert received(source, tmp_path) == b"tool" * 1000


def test_nothing_is_left_of_a_download(downloads: Downloads, tmp_path: Path) -> None:
    received(downloads.offer("/tool", b"tool"), tmp_path)

    assert list((tmp_path / "downloads").iterdir()) == []


def test_another_content_is_refused_with_both_digests(downloads: Downloads, tmp_path: Path) -> None:
    source = replace(downloads.offer("/tool", b"tampered"), sha256="ab" * 32)

    error = refusal(source, tmp_path)

    found = hashlib.sha256(b"tampered").hexdigest()
    assert error.message == f"{source.url} is refused: its SHA-256 must be {'ab' * 32}, but it is {found}"
    assert error.is_final


def test_a_download_that_ends_too_early_is_tried_again(downloads: Downloads, tmp_path: Path) -> None:
    source = downloads.offer("/tool", b"tool")
    downloads.replies["/tool"] = Reply(b"to", announced=4)

    error = refusal(source, tmp_path)

    assert error.message.endswith("it ended after 2 of 4 bytes")
    assert not error.is_final


def test_a_download_that_is_too_large_is_not_begun(downloads: Downloads, tmp_path: Path) -> None:
    error = refusal(downloads.offer("/tool", b"tool" * 10), tmp_path, largest=39)

    assert error.message.endswith("/tool is refused: it has more than 39 bytes")
    assert error.is_final


def test_a_download_that_is_too_slow_is_given_up(downloads: Downloads, tmp_path: Path) -> None:
    error = refusal(downloads.offer("/tool", b"tool"), tmp_path, seconds=0)

    assert error.message.endswith("/tool has not been downloaded within 0 seconds")


@pytest.mark.parametrize(("status", "is_final"), [(404, True), (403, True), (429, False), (503, False)])
def test_a_refusal_is_final_when_asking_again_cannot_help(
    downloads: Downloads, tmp_path: Path, status: int, is_final: bool
) -> None:
    source = downloads.offer("/tool", b"tool")
    downloads.replies["/tool"] = Reply(b"no", status)

    error = refusal(source, tmp_path)

    assert f"{source.url} answers {status} " in error.message
    assert error.is_final is is_final


def test_a_server_that_does_not_listen_is_tried_again(tmp_path: Path) -> None:
    error = refusal(Source("http://127.0.0.1:9/tool", "ab" * 32), tmp_path)

    assert error.message == "http://127.0.0.1:9/tool cannot be downloaded: [Errno 111] Connection refused"
    assert not error.is_final


def test_a_redirect_is_followed(downloads: Downloads, tmp_path: Path) -> None:
    source = downloads.offer("/tool", b"tool")
    downloads.replies["/old"] = Reply(status=302, location="/tool")

    assert received(replace(source, url=f"{downloads.url}/old"), tmp_path) == b"tool"
    assert downloads.asked == ["/old", "/tool"]


@pytest.mark.parametrize("place", ["http://mirror.example/tool", "file:///etc/passwd", "ftp://127.0.0.1/tool"])
def test_a_redirect_to_where_somebody_can_listen_is_refused(downloads: Downloads, tmp_path: Path, place: str) -> None:
    downloads.replies["/old"] = Reply(status=302, location=place)

    error = refusal(Source(f"{downloads.url}/old", "ab" * 32), tmp_path)

    assert "is refused: it leads to" in error.message or "is not allowed" in error.message
    assert error.is_final


def test_a_redirect_from_https_to_http_is_refused(
    downloads: Downloads, certified: Path, authorities: Path, tmp_path: Path
) -> None:
    with Downloads().serving(key_and_certificate=certified) as safe:
        safe.replies["/old"] = Reply(status=302, location=f"{downloads.url}/tool")

        error = refusal(Source(f"{safe.url}/old", "ab" * 32), tmp_path, authorities=authorities)

    assert error.message.endswith(f"is refused: it leads to {downloads.url}/tool")
    assert downloads.asked == []


def test_redirects_in_a_circle_end(downloads: Downloads, tmp_path: Path) -> None:
    downloads.replies["/a"] = Reply(status=302, location="/b")
    downloads.replies["/b"] = Reply(status=302, location="/a")

    refusal(Source(f"{downloads.url}/a", "ab" * 32), tmp_path)

    assert len(downloads.asked) < 20


def test_plain_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    error = refusal(Source("http://mirror.example/tool", "ab" * 32), tmp_path)

    assert error.message == "http://mirror.example/tool is refused: only HTTPS is safe enough"


def test_the_machines_authorities_are_believed(certified: Path, authorities: Path, tmp_path: Path) -> None:
    with Downloads().serving(key_and_certificate=certified) as safe:
        source = safe.offer("/tool", b"tool")

        assert received(source, tmp_path, authorities=authorities) == b"tool"


def test_a_server_that_cannot_prove_itself_is_not_asked(certified: Path, tmp_path: Path) -> None:
    with Downloads().serving(key_and_certificate=certified) as safe:
        error = refusal(safe.offer("/tool", b"tool"), tmp_path)

    assert "certificate verify failed" in error.message
    assert safe.asked == []


def test_a_proxy_is_used_for_other_machines(
    certified: Path, authorities: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Downloads().serving(key_and_certificate=certified) as safe, a_proxy(safe.port) as (proxy, wanted):
        monkeypatch.setenv("https_proxy", proxy)
        source = replace(safe.offer("/tool", b"tool"), url="https://mirror.example/tool")

        assert received(source, tmp_path, authorities=authorities) == b"tool"
        assert wanted == [b"CONNECT mirror.example:443 HTTP/1.0"]


def test_this_machine_is_reached_without_a_proxy(
    downloads: Downloads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert received(downloads.offer("/tool", b"tool"), tmp_path) == b"tool"


@contextlib.contextmanager
def a_proxy(port: int) -> Iterator[tuple[str, list[bytes]]]:
    """Be a proxy for one connection, which leads to a port of this machine whatever is wanted."""
    wanted: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            wanted.append(client.recv(65536).split(b"\r\n")[0].replace(b"HTTP/1.1", b"HTTP/1.0"))
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_copy, args=(server, client))
            back.start()
            _copy(client, server)
            back.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", wanted
        thread.join(10)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
