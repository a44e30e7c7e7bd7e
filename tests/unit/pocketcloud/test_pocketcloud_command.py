# SPDX-License-Identifier: Apache-2.0
"""The command magnum-lite-pocketcloud, and real clients on it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import openstack
import pytest

from magnum_lite.pocketcloud.server import free_port

COMMAND = [sys.executable, "-m", "magnum_lite.cmd.pocketcloud"]


def test_it_says_when_it_listens_and_stops_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    arguments = ["--port", str(port), "--state-dir", str(tmp_path)]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        socket.create_connection(("127.0.0.1", port), 5).close()
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)

    assert line == f"pocket cloud listens on http://127.0.0.1:{port}\n"
    assert (code, time.monotonic() - begun < 5) == (0, True)


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        arguments = ["--port", str(port), "--state-dir", str(tmp_path)]
        ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30)

    sentence = f"magnum-lite-pocketcloud: port {port} on 127.0.0.1 is taken by another process\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", sentence)


@pytest.mark.parametrize("port", ["0", "70000", "many"])
def test_a_bad_port_is_refused(tmp_path: Path, port: str) -> None:
    arguments = ["--port", port, "--state-dir", str(tmp_path)]
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30)

    assert ended.returncode == 2
    assert f"'{port}' is not a port number from 1 to 65535" in ended.stderr


@pytest.fixture
def cli(pocket, tmp_path: Path) -> Callable[..., str]:
    """Give a function that runs the openstack command as demo, and gives what it prints."""
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "OS_AUTH_URL": f"{pocket.cloud.settings.url}/identity",
        "OS_USERNAME": "demo",
        "OS_PASSWORD": "secret",
        "OS_PROJECT_NAME": "demo",
        "OS_USER_DOMAIN_ID": "default",
        "OS_PROJECT_DOMAIN_ID": "default",
        "OS_IDENTITY_API_VERSION": "3",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    def cli(*arguments: str) -> str:
        command = ["openstack", *arguments]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    return cli


def test_the_openstack_command_makes_a_server(cli) -> None:
    wanted = ["--flavor", "m1.small", "--image", "fedora-coreos", "--network", "private", "--key-name", "my_keypair"]

    status = cli("server", "create", *wanted, "--wait", "s1", "-f", "value", "-c", "status")

    assert status == "ACTIVE"
    assert cli("server", "list", "-f", "value", "-c", "Name", "-c", "Flavor") == "s1 m1.small"


def test_the_openstack_command_reads_the_catalog(cli) -> None:
    names = cli("catalog", "list", "-f", "value", "-c", "Name").split()

    assert names == "keystone heat nova neutron glance cinderv3 cinder octavia barbican magnum".split()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::PendingDeprecationWarning")
def test_openstacksdk_builds_a_load_balancer_and_takes_it_down(pocket, anybody, wait) -> None:
    auth = {"auth_url": f"{pocket.cloud.settings.url}/identity", "username": "demo", "password": "secret"}
    place = {"project_name": "demo", "user_domain_id": "default", "project_domain_id": "default"}
    with openstack.connect(**auth, **place, region_name="RegionOne") as cloud:
        subnet = cloud.network.find_subnet("private-subnet", ignore_missing=False)
        balancer = cloud.load_balancer.create_load_balancer(name="lb", vip_subnet_id=subnet.id)
        cloud.load_balancer.wait_for_load_balancer(balancer.id, interval=0.05, wait=5)
        values = {"load_balancer_id": balancer.id, "protocol": "TCP", "protocol_port": 6443, "name": "api"}
        listener = cloud.load_balancer.create_listener(**values)
        cloud.load_balancer.wait_for_load_balancer(balancer.id, interval=0.05, wait=5)
        found = cloud.load_balancer.find_listener("api", ignore_missing=False)
        cloud.load_balancer.delete_load_balancer(balancer.id, cascade=True)

    assert found.id == listener.id
    wait(lambda: anybody.get("/pocket/leftovers")["leftovers"] == {})
