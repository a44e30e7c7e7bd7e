# SPDX-License-Identifier: Apache-2.0
"""Start the agent: as a command of the node, or inside a process that another program has made for it."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from magnum_lite.agent import boot
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import AgentError
from magnum_lite.agent.host import Host
from magnum_lite.agent.loop import Agent
from magnum_lite.agent.pace import Pace, Stopped
from magnum_lite.agent.process import Means, ProcessHost
from magnum_lite.agent.simulated import SimulatedHost
from magnum_lite.agent.state import FOLDER
from magnum_lite.agent.systemd import SystemdHost

LOG = logging.getLogger(__name__)
HOSTS: Mapping[str, Callable[[Disk, Callable[[float], None], Means], Host]] = {
    "process": ProcessHost,
    "simulated": lambda disk, wait, _: SimulatedHost(disk, wait),
    "systemd": lambda disk, wait, _: SystemdHost(disk, wait),
}
LOG_FILE = "agent.log"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``magnum-lite-agent``; its log goes to stdout, 0 says stopped (or with ``--once`` ready)."""
    parser = argparse.ArgumentParser(prog="magnum-lite-agent", description="Make this node what its document says.")
    parser.add_argument("--root", type=Path, default=Path("/"), help="where the node's file system begins (/)")
    parser.add_argument("--host", choices=sorted(HOSTS), required=True, help="what runs images and units")
    parser.add_argument(
        "--programs", type=Path, action="append", default=[], help="process: a folder of programs; the first wins"
    )
    parser.add_argument("--downloads", type=Path, help="process: a folder of files that would be downloaded")
    parser.add_argument("--whole-node", action="store_true", help="process: run what changes the machine itself too")
    parser.add_argument("--ends-with", type=int, metavar="PID", help="process: what runs ends with this process")
    parser.add_argument("--once", action="store_true", help="end when the node is ready (0) or failed (1)")
    options = parser.parse_args(arguments)
    _log_to(logging.StreamHandler(sys.stdout))
    means = Means(tuple(options.programs), options.downloads, options.whole_node, options.ends_with)
    return 0 if _look_after(options.root.resolve(), options.host, means, once=options.once) else 1


def run(root: Path, host_kind: str, means: Means = Means()) -> None:  # noqa: B008 - it never changes
    """Look after the node below ``root`` until SIGTERM; its log goes to ``<root>/agent.log``.

    Meant for a process of its own: it sets the process's signal handlers and log. Raises ``SystemExit`` with 1 when
    the node's boot files cannot be used.
    """
    _log_to(logging.FileHandler(root / LOG_FILE))
    if not _look_after(root, host_kind, means, once=False):
        raise SystemExit(1)


def _look_after(root: Path, host_kind: str, means: Means, *, once: bool) -> bool:
    """Tell whether the agent came to a good end."""
    disk, pace = Disk(root), Pace()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: pace.interrupt())
    try:
        with _only_agent(disk):
            told = boot.read(disk)
            LOG.info("agent of node %s (%s) begins below %s", told.node.name, told.node.node, root)
            agent = Agent(told, disk, HOSTS[host_kind](disk, pace.wait, means), pace)
            agent.run(once=once)
            return agent.is_ready is True
    except Stopped:
        LOG.info("agent is told to stop")
        return True
    except (AgentError, OSError) as error:
        LOG.error("agent cannot go on: %s", error)
        return False
    except Exception:
        LOG.exception("agent cannot go on")
        raise


@contextlib.contextmanager
def _only_agent(disk: Disk) -> Iterator[None]:
    """Wait until no other agent looks after this root; the kernel frees the place of one that was killed."""
    place = disk.at(f"{FOLDER}/lock")
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _log_to(handler: logging.Handler) -> None:
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


if __name__ == "__main__":
    sys.exit(main())
