# SPDX-License-Identifier: Apache-2.0
"""The service as a process, with the real keystonemiddleware and a Keystone that is away."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.service import new_database

CONFIGURATION = """
[DEFAULT]
transport_url = fake://
[api]
port = {port}
[database]
connection = sqlite:///{database}
[keystone_authtoken]
www_authenticate_uri = http://127.0.0.1:{closed}
auth_type = password
auth_url = http://127.0.0.1:{closed}/v3
username = magnum
password = secret
project_name = service
user_domain_id = default
project_domain_id = default
http_request_max_retries = 0
"""
COMMAND = (sys.executable, "-W", "ignore", "-c", "import sys; from magnum_lite.cmd.api import main; sys.exit(main())")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configure(folder: Path, port: int) -> Path:
    path = folder / "magnum_lite.conf"
    path.write_text(CONFIGURATION.format(port=port, database=new_database(folder), closed=free_port()))
    return path


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, json.loads(text) if answer.getheader("Content-Type") == "application/json" else text


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"the service did not start: {process.poll()}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Give a running service and its port."""
    port = free_port()
    configuration = configure(tmp_path_factory.mktemp("api"), port)
    with subprocess.Popen([*COMMAND, "--config-file", str(configuration)], stderr=subprocess.DEVNULL) as process:
        wait_until_it_listens(process, port)
        yield process, port
        process.terminate()
        assert process.wait(10) == 0


def test_health_is_answered(running: tuple[subprocess.Popen[bytes], int]) -> None:
    assert ask(running[1], "GET", "/healthcheck") == (200, "OK")


def test_a_large_body_is_refused_before_anybody_looks_at_the_token(running: tuple[Any, int]) -> None:
    status, said = ask(running[1], "POST", "/v1/clusters", b" " * 10_000_000)

    assert (status, said["errors"][0]["code"]) == (413, "request-too-large")


def test_a_large_body_in_chunks_is_refused_too(running: tuple[Any, int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running[1], timeout=20)
    with contextlib.closing(connection):
        connection.request("POST", "/v1/clusters", iter([b" " * 100_000] * 30), encode_chunked=True)
        assert connection.getresponse().status == 413


def test_no_token_is_a_401_in_our_words(running: tuple[Any, int]) -> None:
    status, said = ask(running[1], "GET", "/v1/clusters")

    assert (status, said["errors"][0]["code"]) == (401, "unauthorized")


def test_a_keystone_that_is_away_is_a_503_in_our_words(running: tuple[Any, int]) -> None:
    status, said = ask(running[1], "GET", "/v1/clusters", X_Auth_Token="a-token")

    assert (status, said["errors"][0]["code"]) == (503, "service-unavailable")


def test_a_port_that_is_taken_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        command = [*COMMAND, "--config-file", str(configure(tmp_path, port))]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_other_wsgi_servers_get_the_same_application(tmp_path: Path) -> None:
    (tmp_path / ".magnum_lite").mkdir()
    configure(tmp_path, free_port()).rename(tmp_path / ".magnum_lite" / "magnum_lite.conf")
    script = "from werkzeug.test import Client; from magnum_lite.wsgi import application; "
    script += "print(Client(application).get('/healthcheck').text)"
    command = [sys.executable, "-W", "ignore", "-c", script]
    environment = {**os.environ, "HOME": str(tmp_path)}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)

    assert ended.stdout.splitlines()[-1:] == ["OK"], ended.stderr


def test_an_interrupt_ends_it_too(tmp_path: Path) -> None:
    port = free_port()
    command = [*COMMAND, "--config-file", str(configure(tmp_path, port))]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until_it_listens(process, port)
        process.send_signal(signal.SIGINT)

        assert process.wait(10) == 0
