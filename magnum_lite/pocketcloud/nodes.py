# SPDX-License-Identifier: Apache-2.0
"""The servers' insides: each ACTIVE server with an Ignition config has a real agent process on a simulated host."""

import contextlib
import dataclasses
import functools
import json
import logging
import pathlib
import shutil
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING, Any

from magnum_lite.pocketcloud import first_boot
from magnum_lite.pocketcloud.faults import Fault
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

LOG = logging.getLogger(__name__)
LOG_FILE = "agent.log"
STOP_SECONDS = 8.0
TAIL_BYTES = 256 * 1024


@dataclasses.dataclass
class Node:
    """One server's inside: where its disk is, and its agent's process (None: not running)."""

    server_id: str
    name: str
    scope: Scope
    root: pathlib.Path
    pid: int | None = None
    wanted: bool = True
    dies_after: float | None = None
    forgotten: bool = False


class Nodes:
    """Starts and ends agents through one helper process, which is started with the first agent."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._folder = cloud.settings.state_dir / "nodes"
        self._lock = threading.Lock()
        self._nodes: dict[str, Node] = {}
        self._host: subprocess.Popen[bytes] | None = None
        self._stopped = False
        shutil.rmtree(self._folder, ignore_errors=True)

    def begin(self, server: Record) -> None:
        """Boot a server: lay out its disk the first time, and run its agent; nothing for other user data."""
        config = first_boot.read_config(server["_user_data"])
        if config is None or not self._cloud.settings.run_agents:
            return
        root = self._folder / server["id"]
        with self._lock:
            known = server["id"] in self._nodes
        if not known and not self._first_boot(config, root, server):
            return
        with self._lock:
            node = self._nodes[server["id"]]
            node.wanted = True
            fault = self._cloud.faults.take("agent-dies", "nova", "create_server", node.scope, node.name)
            node.dies_after = (fault.seconds or 0.0) if fault else None
            self._order({"start": node.server_id, "root": str(root)})

    def end(self, server_id: str, *, forget: bool = False, at_once: bool = False) -> None:
        """End a server's agent; with `forget` its disk goes too, `at_once` is a kill."""
        with self._lock:
            node = self._nodes.get(server_id)
            if node is None:
                return
            node.wanted = at_once
            node.forgotten = forget
            if node.pid is not None:
                self._order({"end": node.pid, "now": at_once})
            elif forget:
                self._forget(node)

    def strike(self, fault: Fault) -> None:
        """Kill the running agents that a fault just switched on hits."""
        for node in self.running():
            if self._cloud.faults.take("agent-dies", "nova", "create_server", node.scope, node.name) is not None:
                self.end(node.server_id, at_once=True)

    def running(self) -> list[Node]:
        """List the nodes whose agent runs now."""
        with self._lock:
            return [dataclasses.replace(node) for node in self._nodes.values() if node.pid is not None]

    def console(self, server_id: str, lines: int) -> str:
        """Give the last lines of what a server's agent has logged."""
        path = self._folder / server_id / LOG_FILE
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            text = file.read().decode(errors="replace")
        return "".join(text.splitlines(keepends=True)[-lines:])

    def stop(self) -> None:
        """End every agent and the helper."""
        with self._lock:
            self._stopped = True
            host, self._host = self._host, None
        if host is None or host.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):
            host.stdin.close()
        try:
            host.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            host.kill()
            host.wait(STOP_SECONDS)
        if host.stdout is not None:
            host.stdout.close()

    def _first_boot(self, config: dict[str, Any], root: pathlib.Path, server: Record) -> bool:
        """Lay out a disk; False when the config cannot be laid out, and then the console says why."""
        root.mkdir(parents=True, exist_ok=True)
        (root / "etc").mkdir(exist_ok=True)
        (root / "etc/machine-id").write_text(server["id"].replace("-", "") + "\n")
        try:
            first_boot.lay_out(config, root)
        except (first_boot.BadConfig, KeyError, TypeError, ValueError, OSError) as error:
            LOG.warning("server %s: first boot failed: %s", server["id"], error)
            (root / LOG_FILE).write_text(f"ignition: first boot failed: {error}\n")
            return False
        scope = Scope(server["user_id"], server["project_id"])
        with self._lock:
            self._nodes[server["id"]] = Node(server["id"], server["name"], scope, root)
        return True

    def _order(self, order: dict[str, Any]) -> None:
        """Tell the helper, which is started if need be; the caller holds the lock."""
        if self._stopped:
            return
        if self._host is None:
            self._host = self._start_host()
        assert self._host.stdin is not None  # noqa: S101 - it is a pipe
        self._host.stdin.write(json.dumps(order).encode() + b"\n")
        self._host.stdin.flush()

    def _start_host(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "magnum_lite.pocketcloud.node_host"]
        host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        assert host.stdout is not None  # noqa: S101 - it is a pipe
        listen = functools.partial(self._listen, host.stdout)
        threading.Thread(target=listen, name="node-host", daemon=True).start()
        return host

    def _listen(self, news: IO[bytes]) -> None:
        """Note what the helper tells, until it ends."""
        with contextlib.suppress(ValueError):
            for line in news:
                self._note(json.loads(line))

    def _note(self, news: dict[str, Any]) -> None:
        with self._lock:
            if "started" in news:
                self._note_start(self._nodes[news["started"]], news["pid"])
                return
            for node in list(self._nodes.values()):
                if node.pid == news["ended"]:
                    LOG.info("server %s: agent of %s ended with %s", node.server_id, node.name, news["code"])
                    node.pid = None
                    if node.forgotten:
                        self._forget(node)

    def _note_start(self, node: Node, pid: int) -> None:
        node.pid = pid
        if not node.wanted:
            self._order({"end": pid, "now": False})
        if node.dies_after is not None:
            kill = functools.partial(self.end, node.server_id, at_once=True)
            self._cloud.clock.later(node.dies_after, kill)

    def _forget(self, node: Node) -> None:
        del self._nodes[node.server_id]
        self._cloud.clock.later(0, functools.partial(shutil.rmtree, node.root, ignore_errors=True))
