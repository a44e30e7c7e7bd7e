# SPDX-License-Identifier: Apache-2.0
"""The command ``tools/devcloud``: a real OpenStack on loopback, without hypervisors, switches and disks under it."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import clouds_file
import configuration
import databases
import furnish
import guide
import preparation
import processes
import services
from cloud_service import Service
from layout import Layout, ports_from
from processes import Failed


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("tools/devcloud", description="Run a real OpenStack on this machine.")
    top.add_argument("--folder", type=Path, required=True, help="where everything of it is kept")
    top.add_argument("--venv", type=Path, required=True, help=argparse.SUPPRESS)
    top.add_argument("--own", type=Path, required=True, help=argparse.SUPPRESS)
    top.add_argument("--first-port", type=int, help="take all ports from here on and not the usual ones")
    top.add_argument("--without-convergence", action="store_true", help="run Heat's engine in its old mode")
    actions = top.add_subparsers(dest="action", required=True)
    actions.add_parser("up", help="start whatever does not run; nothing else")
    down = actions.add_parser("down", help="end everything")
    down.add_argument("--wipe", action="store_true", help="remove its data, too")
    actions.add_parser("status", help="print what runs")
    actions.add_parser("logs", help="print the last lines of logs").add_argument("service", nargs="*")
    for action, meaning in (("start", "start"), ("stop", "end"), ("kill", "end as kill -9 does")):
        actions.add_parser(action, help=f"{meaning} some services").add_argument("service", nargs="+")
    return top


def up(layout: Layout) -> None:
    """Start everything in the order of what needs what; the parts that are there are left alone."""
    began = time.monotonic()
    configuration.write(layout)
    preparation.prepare(layout)
    databases.prepare_mariadb(layout)
    _start(layout, services.servers(layout))
    databases.create(layout)
    databases.sync(layout)
    _say(began, "databases are ready")
    _start(layout, [services.keystone(layout)])
    clouds_file.write(layout)
    furnish.fill_keystone(layout)
    _say(began, "Keystone is filled")
    _start(layout, services.others(layout))
    _say(began, "all services answer")
    furnish.fill_cloud(layout)
    furnish.await_workers(layout)
    _say(began, "the cloud is furnished")
    _start(layout, [services.registry(layout)])
    guide.follow(layout, is_started=False)
    _start(layout, services.ours(layout))
    guide.follow(layout, is_started=True)
    _say(began, "ready")


def status(layout: Layout) -> int:
    """Print a line for each service; 0 when all of them run."""
    total, down = 0.0, 0
    for service in _all(layout):
        pid = processes.find_pid(layout, service.name)
        memory = processes.resident_mebibytes(pid) if pid else 0.0
        total, down = total + memory, down + (pid is None)
        port = layout.ports[service.port] if service.port else "-"
        print(f"{service.name:<22} {'up' if pid else 'down':<5} {pid or '-':>8} {port:>6} {memory:>7.0f} MiB")
    print(f"{'':<22} {'':<5} {'':>8} {'':>6} {total:>7.0f} MiB")
    return 1 if down else 0


def logs(layout: Layout, names: Sequence[str]) -> None:
    """Print the end of the logs of the named services, or of all."""
    for service in _named(layout, names) if names else _all(layout):
        print(f"==> {layout.log(service.name)}\n{processes.tail(layout, service)}")


def main() -> int:
    options = parser().parse_args()
    folder = options.folder.resolve()
    asked = Layout(
        folder,
        options.venv.absolute(),
        options.own.absolute(),
        ports_from(options.first_port),
        is_convergent=not options.without_convergence,
    )
    # A cloud that is there has the ports it has; only the one who brings it up may change that.
    layout = asked if options.action == "up" else clouds_file.find_layout(folder) or asked
    actions: dict[str, Callable[[], int | None]] = {
        "up": lambda: up(layout),
        "down": lambda: _down(layout, is_wiped=options.wipe),
        "status": lambda: status(layout),
        "logs": lambda: logs(layout, options.service),
        "start": lambda: _start(layout, _named(layout, options.service)),
        "stop": lambda: processes.stop(layout, options.service),
        "kill": lambda: processes.stop(layout, options.service, signal.SIGKILL),
    }
    try:
        return actions[options.action]() or 0
    except Failed as error:
        print(f"devcloud: {error}", file=sys.stderr)
        return 1


def _all(layout: Layout) -> list[Service]:
    openstack = [services.keystone(layout), *services.others(layout)]
    return [*services.servers(layout), *openstack, services.registry(layout), *services.ours(layout)]


def _named(layout: Layout, names: Sequence[str]) -> list[Service]:
    known = {service.name: service for service in _all(layout)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Failed(f"there is no service {unknown[0]}; there are: {', '.join(known)}")
    return [known[name] for name in names]


def _start(layout: Layout, wanted: Sequence[Service]) -> None:
    for service in wanted:
        processes.start(layout, service)
        if service.name == "epmd":
            processes.await_ready(layout, service)
    for service in wanted:
        processes.await_ready(layout, service)


def _down(layout: Layout, *, is_wiped: bool) -> None:
    names = [service.name for service in _all(layout)]
    first = [service.name for service in services.servers(layout)]
    processes.stop(layout, [name for name in reversed(names) if name not in first])
    processes.stop(layout, first)
    if is_wiped:
        preparation.wipe(layout)


def _say(began: float, what: str) -> None:
    print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
