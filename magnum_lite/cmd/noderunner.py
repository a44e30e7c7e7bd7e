# SPDX-License-Identifier: Apache-2.0
"""The command ``magnum-lite-noderunner``: runs the agents of servers that Nova has and that nothing boots."""

from __future__ import annotations

import argparse
import json
import logging
import pathlib
import signal
import sys
import threading
from collections.abc import Sequence

from keystoneauth1 import loading
from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import ClientException

from magnum_lite.noderunner.clock import Clock
from magnum_lite.noderunner.nodes import Means, Nodes
from magnum_lite.noderunner.nova import Nova
from magnum_lite.noderunner.watch import Watch

AGENTS = "agents.json"


def parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        "magnum-lite-noderunner",
        description="Run a real agent for each server of a cloud whose servers do not boot. Who asks Nova, an"
        " administrator, is told as usual, by --os-... or the OS_... variables.",
    )
    top.add_argument("--state-dir", type=pathlib.Path, required=True, help="where the servers' disks are kept")
    top.add_argument("--seconds", type=float, default=1.0, help="the pause between two looks at Nova (1)")
    top.add_argument(
        "--programs", type=pathlib.Path, action="append", default=[], help="run programs of this folder on the servers"
    )
    top.add_argument("--downloads", type=pathlib.Path, help="a folder with what the servers would download")
    loading.register_auth_argparse_arguments(top, list(arguments), default="password")
    loading.register_session_argparse_arguments(top)
    loading.register_adapter_argparse_arguments(top, service_type="compute")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT, and end every agent then; the disks stay, for the next start boots them again."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = parser(words).parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        nova = Nova(_adapter(options))
    except ClientException as error:
        print(f"magnum-lite-noderunner: {error}", file=sys.stderr)
        return 1
    clock, folder = Clock(), options.state_dir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    means = Means(tuple(one.resolve() for one in options.programs), options.downloads and options.downloads.resolve())
    nodes = Nodes(folder / "nodes", clock, means, told=lambda: _write(nodes, folder / AGENTS))
    _write(nodes, folder / AGENTS)
    Watch(nova, nodes, seconds=options.seconds).run(stopping)
    nodes.stop()
    clock.stop()
    return 0


def _adapter(options: argparse.Namespace) -> Adapter:
    auth = loading.load_auth_from_argparse_arguments(options)
    session = loading.load_session_from_argparse_arguments(options, auth=auth)
    return Adapter(
        session,
        service_type=options.os_service_type,
        interface=options.os_interface,
        region_name=options.os_region_name,
        endpoint_override=options.os_endpoint_override,
    )


def _write(nodes: Nodes, path: pathlib.Path) -> None:
    """Tell which agents run, in a file that is always whole."""
    rows = [
        {"pid": node.pid, "node": node.name, "server_id": node.server_id, "root": str(node.root)}
        for node in nodes.running()
    ]
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"agents": rows}) + "\n")
    fresh.replace(path)


if __name__ == "__main__":
    sys.exit(main())
