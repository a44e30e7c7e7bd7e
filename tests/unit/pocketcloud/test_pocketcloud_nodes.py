# SPDX-License-Identifier: Apache-2.0
"""Servers whose user data is an Ignition config have a real agent process."""

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from magnum_lite import nodeconf
from magnum_lite.pocketcloud.server import free_port

SERVERS = "/compute/v2.1/servers"


def user_data() -> str:
    """Write the config of a node whose API nobody serves: its agent keeps trying."""
    cluster = nodeconf.ClusterFile(f"http://127.0.0.1:{free_port()}/v1", "cluster").to_json()
    node = nodeconf.NodeFile("node", "worker-0", "token").to_json()
    contents = {nodeconf.CLUSTER_FILE: cluster, nodeconf.NODE_FILE: node}
    files = [
        {"path": f"/{path}", "contents": {"source": "data:;base64," + base64.b64encode(text.encode()).decode()}}
        for path, text in contents.items()
    ]
    config = {"ignition": {"version": "3.4.0"}, "storage": {"files": files}}
    return base64.b64encode(json.dumps(config).encode()).decode()


def boot(caller, name: str = "worker-0", data: str = "") -> str:
    flavor = caller.get("/compute/v2.1/flavors")["flavors"][0]["id"]
    image = caller.get("/image/v2/images?name=plain")["images"][0]["id"]
    server = {
        "name": name,
        "flavorRef": flavor,
        "imageRef": image,
        "networks": "none",
        "user_data": data or user_data(),
    }
    return caller.make(SERVERS, {"server": server})["id"]


def agents(anybody) -> list[dict]:
    return anybody.get("/pocket/agents")["agents"]


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_an_agent_runs_as_long_as_its_server(anybody, demo, wait) -> None:
    ident = boot(demo)
    agent = wait(lambda: agents(anybody))[0]

    assert (agent["server_id"], agent["node"]) == (ident, "worker-0")
    assert Path(f"/proc/{agent['pid']}").exists()
    demo.call("DELETE", f"{SERVERS}/{ident}")
    wait(lambda: agents(anybody) == [] and not is_alive(agent["pid"]))
    wait(lambda: not Path(agent["root"]).exists())
    wait(lambda: anybody.get("/pocket/leftovers")["leftovers"] == {})


def test_the_console_shows_what_the_agent_logs(anybody, demo, wait) -> None:
    ident = boot(demo)
    path = f"{SERVERS}/{ident}/action"

    output = wait(lambda: demo.call("POST", path, {"os-getConsoleOutput": {"length": 5}}).json()["output"])

    assert "agent of node worker-0" in output
    assert demo.call("POST", path, {"os-getConsoleOutput": {"length": "all"}}).status_code == 400


def test_a_reboot_brings_a_new_agent_on_the_same_disk(anybody, demo, wait) -> None:
    ident = boot(demo)
    before = wait(lambda: agents(anybody))[0]

    demo.call("POST", f"{SERVERS}/{ident}/action", {"reboot": {"type": "HARD"}})

    after = wait(lambda: [one for one in agents(anybody) if one["pid"] != before["pid"]])[0]
    assert after["root"] == before["root"]
    wait(lambda: not is_alive(before["pid"]))
    assert [after["pid"]] == [one["pid"] for one in agents(anybody)]


def test_a_stopped_server_has_no_agent(anybody, demo, wait) -> None:
    ident = boot(demo)
    agent = wait(lambda: agents(anybody))[0]

    demo.call("POST", f"{SERVERS}/{ident}/action", {"os-stop": None})

    wait(lambda: agents(anybody) == [] and not is_alive(agent["pid"]))


def test_a_running_agent_dies_when_the_fault_is_switched_on(anybody, demo, wait) -> None:
    boot(demo, "master-0")
    boot(demo, "worker-0")
    wait(lambda: len(agents(anybody)) == 2)

    anybody.make("/pocket/faults", {"service": "nova", "kind": "agent-dies", "match": {"name": "worker-*"}})

    wait(lambda: [one["node"] for one in agents(anybody)] == ["master-0"])


def test_an_agent_that_starts_later_dies_too(anybody, demo, wait) -> None:
    fault = {"service": "nova", "kind": "agent-dies", "match": {"name": "worker-*"}, "count": 1}
    anybody.make("/pocket/faults", fault)

    boot(demo, "worker-0")

    wait(lambda: anybody.get("/pocket/faults")["faults"][0]["hits"] == 1)
    wait(lambda: agents(anybody) == [])


@pytest.mark.parametrize("data", ["IyEvYmluL3NoCg==", "e30="])
def test_other_user_data_starts_no_agent(anybody, demo, wait, data) -> None:
    ident = boot(demo, data=data)

    wait(lambda: demo.get(f"{SERVERS}/{ident}")["server"]["status"] == "ACTIVE")

    assert agents(anybody) == []


def test_a_config_that_cannot_be_laid_out_is_told_on_the_console(demo, wait) -> None:
    files = [{"path": "/a", "contents": {"source": "https://example.org/a"}}]
    config = {"ignition": {"version": "3.4.0"}, "storage": {"files": files}}
    ident = boot(demo, data=base64.b64encode(json.dumps(config).encode()).decode())

    ask = {"os-getConsoleOutput": {}}
    output = wait(lambda: demo.call("POST", f"{SERVERS}/{ident}/action", ask).json()["output"])

    assert "/a: the source 'https://example.org/a' is not a data: URL" in output


def test_all_agents_end_with_the_cloud(pocket, anybody, demo, wait) -> None:
    boot(demo)
    pid = wait(lambda: agents(anybody))[0]["pid"]

    pocket.stop()

    assert not is_alive(pid)


def test_agents_end_when_the_cloud_is_killed(tmp_path, wait) -> None:
    port = free_port()
    command = [sys.executable, "-m", "magnum_lite.cmd.pocketcloud", "--port", str(port), "--state-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"pocket cloud listens on http://127.0.0.1:{port}\n"
        pid = start_agent(f"http://127.0.0.1:{port}", wait)
        os.kill(process.pid, signal.SIGKILL)

    wait(lambda: not is_alive(pid))


def start_agent(url: str, wait) -> int:
    """Boot a server in the cloud at the URL; gives its agent's pid."""
    user = {"name": "demo", "domain": {"id": "default"}, "password": "secret"}
    scope = {"project": {"name": "demo", "domain": {"id": "default"}}}
    auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
    token = requests.post(f"{url}/identity/v3/auth/tokens", json=auth, timeout=10).headers["X-Subject-Token"]
    headers = {"X-Auth-Token": token}
    flavor = requests.get(f"{url}/compute/v2.1/flavors", headers=headers, timeout=10).json()["flavors"][0]["id"]
    image = requests.get(f"{url}/image/v2/images", headers=headers, timeout=10).json()["images"][0]["id"]
    server = {"name": "n", "flavorRef": flavor, "imageRef": image, "networks": "none", "user_data": user_data()}
    requests.post(f"{url}{SERVERS}", json={"server": server}, headers=headers, timeout=10).raise_for_status()
    return wait(lambda: requests.get(f"{url}/pocket/agents", timeout=10).json()["agents"])[0]["pid"]


def test_servers_deleted_at_any_moment_leave_no_agent(anybody, demo, wait) -> None:
    idents = [boot(demo, f"worker-{number}") for number in range(12)]
    for number, ident in enumerate(idents):
        if number % 3 == 0:
            wait(lambda ident=ident: demo.get(f"{SERVERS}/{ident}")["server"]["status"] == "ACTIVE")
            demo.call("POST", f"{SERVERS}/{ident}/action", {"reboot": {"type": "HARD"}})
        demo.call("DELETE", f"{SERVERS}/{ident}")

    wait(lambda: anybody.get("/pocket/leftovers")["leftovers"] == {})
    survivor = boot(demo, "survivor")
    assert wait(lambda: agents(anybody))[0]["server_id"] == survivor
