# SPDX-License-Identifier: Apache-2.0
"""The servers' insides: each that runs with an Ignition config has a real agent process on a simulated host."""

import contextlib
import dataclasses
import functools
import hashlib
import json
import logging
import pathlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, Any

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.rooms.room import Room
from magnum_lite.noderunner import first_boot
from magnum_lite.noderunner.clock import Clock

LOG = logging.getLogger(__name__)
LOG_FILE = "agent.log"
BOOTED = ".booted"
STOP_SECONDS = 8.0
TAIL_BYTES = 256 * 1024


@dataclasses.dataclass(frozen=True)
class Server:
    """What a cloud knows of a server; the user data is in base64."""

    id: str
    name: str
    project_id: str
    user_id: str
    user_data: str | None
    image: str = ""

    @property
    def disk(self) -> str:
        """Name what the server's disk is made from: another name is another disk."""
        return hashlib.sha256(f"{self.image} {self.user_data}".encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Means:
    """With folders of ``programs`` nodes run them in place of containers; ``downloads`` is what they would fetch."""

    programs: tuple[pathlib.Path, ...] = ()
    downloads: pathlib.Path | None = None


@dataclasses.dataclass
class Node:
    """One server's inside: where its disk is, and its agent's process (None: not running).

    `is_starting` tells that the helper has been asked for a process that it has not told of yet; `postponed` is what
    the server is to boot as once its agent has ended, on a new disk.
    """

    server_id: str
    name: str
    project_id: str
    user_id: str
    root: pathlib.Path
    pid: int | None = None
    is_starting: bool = False
    wanted: bool = True
    dies_after: float | None = None
    forgotten: bool = False
    postponed: Server | None = None


def no_fate(_node: Node) -> float | None:
    """Let every agent live."""
    return None


class Nodes:
    """Starts and ends agents through one helper process, which is started with the first agent.

    A disk that is in the folder already is booted again, unless it was made from something else. ``fate`` says after
    how many seconds an agent that starts is to be killed, if at all; ``told`` is called when one started or ended.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        clock: Clock,
        means: Means = Means(),
        *,
        fate: Callable[[Node], float | None] = no_fate,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._means = means
        self._fate = fate
        self._told = told
        self._lock = threading.Lock()
        self._nodes: dict[str, Node] = {}
        self._host: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def begin(self, server: Server) -> None:
        """Boot a server: lay its disk out unless it is there, and run its agent; nothing for other user data."""
        config = first_boot.read_config(server.user_data)
        if config is None:
            return
        with self._lock:
            node = self._nodes.setdefault(server.id, self._node_of(server))
            is_there = _disk_at(node.root) == server.disk
            if node.pid is not None and not is_there:
                # Its old agent still ends, on the disk that the new one is to replace.
                node.postponed = server
                return
            node.wanted = True
            if node.is_starting:
                return
            node.is_starting = True
        is_ready = is_there or self._first_boot(config, node, server.disk)
        with self._lock:
            if is_ready:
                self._start(node)
            else:
                del self._nodes[node.server_id]

    def end(self, server_id: str, *, forget: bool = False, at_once: bool = False) -> None:
        """End a server's agent; with `forget` its disk goes too, `at_once` is a kill."""
        with self._lock:
            node = self._nodes.get(server_id)
            if node is None:
                if forget:
                    self._drop_disk(server_id)
                return
            node.wanted = at_once
            node.forgotten = forget
            if node.pid is not None:
                self._order({"end": node.pid, "now": at_once})
            self._forget_if_over(node)

    def running(self) -> list[Node]:
        """List the nodes whose agent runs now."""
        with self._lock:
            return [dataclasses.replace(node) for node in self._nodes.values() if node.pid is not None]

    def known(self) -> list[str]:
        """List the servers that have a disk here."""
        return [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []

    def count(self, project_id: str) -> int:
        """Count the servers' insides that are there, in one project or (for "") in all."""
        with self._lock:
            return sum(1 for node in self._nodes.values() if project_id in ("", node.project_id))

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

    def _node_of(self, server: Server) -> Node:
        return Node(server.id, server.name, server.project_id, server.user_id, self._folder / server.id)

    def _first_boot(self, config: dict[str, Any], node: Node, disk: str) -> bool:
        """Lay out a disk; False when the config cannot be laid out, and then the console says why."""
        shutil.rmtree(node.root, ignore_errors=True)
        etc = node.root / "etc"
        etc.mkdir(parents=True, exist_ok=True)
        (etc / "machine-id").write_text(node.server_id.replace("-", "") + "\n")
        try:
            first_boot.lay_out(config, node.root)
            (node.root / BOOTED).write_text(disk)
        except (first_boot.BadConfig, KeyError, TypeError, ValueError, OSError) as error:
            LOG.warning("server %s: first boot failed: %s", node.server_id, error)
            (node.root / LOG_FILE).write_text(f"ignition: first boot failed: {error}\n")
            return False
        return True

    def _start(self, node: Node) -> None:
        """Ask for an agent, unless its server was deleted or stopped meanwhile; the caller holds the lock."""
        if not node.wanted:
            node.is_starting = False
            self._forget_if_over(node)
            return
        node.dies_after = self._fate(node)
        self._order({"start": node.server_id, "root": str(node.root)})

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
        command = [sys.executable, "-m", "magnum_lite.noderunner.node_host"]
        command += [f"--programs={folder}" for folder in self._means.programs]
        command += [] if self._means.downloads is None else [f"--downloads={self._means.downloads}"]
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
                self._told()

    def _note(self, news: dict[str, Any]) -> None:
        with self._lock:
            if "started" in news:
                self._note_start(self._nodes[news["started"]], news["pid"])
                return
            for node in list(self._nodes.values()):
                if node.pid == news["ended"]:
                    LOG.info("server %s: agent of %s ended with %s", node.server_id, node.name, news["code"])
                    node.pid = None
                    if not node.wanted:
                        _switch_off(node.root)
                    self._forget_if_over(node)
                    if node.postponed is not None:
                        self._clock.later(0, functools.partial(self.begin, node.postponed))
                        node.postponed = None

    def _note_start(self, node: Node, pid: int) -> None:
        node.pid = pid
        node.is_starting = False
        if not node.wanted:
            self._order({"end": pid, "now": False})
        if node.dies_after is not None:
            kill = functools.partial(self.end, node.server_id, at_once=True)
            self._clock.later(node.dies_after, kill)

    def _forget_if_over(self, node: Node) -> None:
        """Drop a node whose server is gone, once no process of it runs or is about to."""
        if node.forgotten and node.pid is None and not node.is_starting:
            del self._nodes[node.server_id]
            self._drop_disk(node.server_id)

    def _drop_disk(self, server_id: str) -> None:
        self._clock.later(0, functools.partial(_wipe, self._folder / server_id))


def _disk_at(root: pathlib.Path) -> str | None:
    """Give the name of what a disk was made from, if it was laid out to its end."""
    with contextlib.suppress(FileNotFoundError):
        return (root / BOOTED).read_text()
    return None


def _wipe(root: pathlib.Path) -> None:
    _switch_off(root)
    shutil.rmtree(root, ignore_errors=True)


def _switch_off(root: pathlib.Path) -> None:
    """End what the agent had running as processes; it outlives agents as a node's units do."""
    Room(Disk(root)).end()
