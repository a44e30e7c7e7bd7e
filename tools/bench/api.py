# SPDX-License-Identifier: Apache-2.0
"""Tells how fast the API answers, and with how many SQL statements, on SQLite and on MariaDB."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from client import Client, Timing, drive
from house import BenchFailed, House
from machine import machine
from operations import Operation, Requests, operations
from population import populate
from speeds import Speed, compared, table
from tenant import TEMPLATE, Tenant, log_in, register_image

from magnum_lite.errors import MagnumLiteError
from magnum_lite.pocketcloud.server import free_port
from magnum_lite.store.engine import Store

SERVERS = Path(__file__).parents[2] / "tests" / "servers.py"
DATABASES = ("sqlite", "mariadb")
CLIENTS = (1, 8)
CLUSTERS = 1000
OTHERS = 100
IMAGE = "noop"
COUNTED = 2
QUICK = 0.02
STOP_SECONDS = 30


@dataclass(frozen=True)
class Measured:
    """What was found with one database: its figures, and sentences about what they hold for."""

    speeds: list[Speed]
    sentences: list[str]


def main() -> int:
    """Do what the command line asks and give the exit code."""
    options = _options()
    # An exception lets what was started end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        measured = {name: _measure_on(name, options) for name in options.databases}
    except (BenchFailed, MagnumLiteError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if options.json is not None:
        rows = [speed.row() for one in measured.values() for speed in one.speeds]
        options.json.write_text(json.dumps(rows, indent=1))
    print(f"{machine()} Each figure is the median of {options.runs}.")
    for one in measured.values():
        print("", *one.sentences, "", table(one.speeds), sep="\n")
    if len(measured) > 1:
        first, second = (measured[name] for name in DATABASES)
        print("", "SQLite as a multiple of MariaDB:", "", compared(first.speeds, second.speeds), sep="\n")
    return 0


def _options() -> argparse.Namespace:
    top = argparse.ArgumentParser(description="Tell how fast the API answers.")
    top.add_argument("--quick", action="store_true", help="few requests, one run, SQLite alone: does all of it answer?")
    top.add_argument("--databases", default=",".join(DATABASES), type=_databases, help="sqlite, mariadb or both (both)")
    top.add_argument("--runs", type=int, default=3, help="how often each figure is measured (3)")
    top.add_argument("--seconds", type=float, default=30, help="after how long a run begins no more requests (30)")
    top.add_argument("--set", action="append", default=[], metavar="GROUP.OPTION=VALUE", help="set an option")
    top.add_argument("--json", type=Path, help="a file to write the figures to")
    options = top.parse_args()
    if options.runs < 1:
        top.error("--runs takes a whole number above 0")
    if options.quick:
        options.databases, options.runs = ["sqlite"], 1
    return options


def _databases(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= set(DATABASES):
        raise argparse.ArgumentTypeError(f"{text!r} is neither sqlite, nor mariadb, nor sqlite,mariadb")
    return [name for name in DATABASES if name in names]


def _measure_on(database: str, options: argparse.Namespace) -> Measured:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="magnum-lite-bench-", ignore_cleanup_errors=True)
        )
        house = House(Path(folder), api_port=free_port(), cloud_port=free_port(), given=options.set)
        stack.callback(house.stop)
        changes = {"database": {"connection": stack.enter_context(_mariadb())}} if database == "mariadb" else {}
        store = Store.from_conf(house.prepare(changes))
        stack.callback(store.close)
        return _measure(database, house, store, options)


@contextlib.contextmanager
def _mariadb() -> Iterator[str]:
    """Run the server that tests use, and give its URL."""
    command = [sys.executable, str(SERVERS), "mariadb"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().strip() if server.stdout else ""
            if not url:
                raise BenchFailed("MariaDB did not start")
            yield url
        finally:
            server.communicate(timeout=STOP_SECONDS)


def _measure(database: str, house: House, store: Store, options: argparse.Namespace) -> Measured:
    house.run_measured(["api"])
    register_image(house.cloud_url, log_in(house.cloud_url, "demo"), IMAGE, os_distro=IMAGE)
    template = {**TEMPLATE, "image_id": IMAGE, "labels": {}}
    tenant = Tenant(cloud_url=house.cloud_url, api_url=house.api_url, template=template)
    populate(store, tenant.template, log_in(house.cloud_url, "other"), count=OTHERS, name="other")
    uuids = populate(store, tenant.template, tenant.login, count=CLUSTERS, name="k8s")
    everything = operations(uuids, tenant.template, share=QUICK if options.quick else 1)
    requests = Requests(house.api_url, tenant.login.token)
    statements = {one.name: _statements(house, requests, one) for one in everything}
    house.stop_services()

    house.run_api()
    asked_before = _validations(house)
    bench = _Bench(house, requests, options)
    speeds = []
    for operation in everything:
        for clients in CLIENTS:
            runs = bench.runs(operation, clients)
            sql = statements[operation.name]
            speeds.append(Speed.of(runs, database=database, operation=operation.name, clients=clients, sql=sql))
    asked = _validations(house) - asked_before
    sentences = [
        f"{_version(store)}, with {CLUSTERS} clusters of 1+2 nodes and {OTHERS} of another project.",
        f"One magnum-lite-api. Tokens are checked by keystonemiddleware, which asked Keystone {asked} times "
        f"for {bench.sent} requests.",
        f"Clients are threads with sockets that stay open; they used {bench.busiest:.0%} of a core at most.",
    ]
    return Measured(speeds, sentences)


class _Bench:
    """Measures figure by figure, and keeps count of what it cost the bench itself."""

    def __init__(self, house: House, requests: Requests, options: argparse.Namespace) -> None:
        self._house = house
        self._requests = requests
        self._options = options
        self.sent = 0
        self.busiest = 0.0

    def runs(self, operation: Operation, clients: int) -> list[Timing]:
        """Measure one figure so often as is asked for."""
        found = [self._run(operation, clients) for _ in range(self._options.runs)]
        rates = ", ".join(f"{run.rate:.1f}" for run in found)
        print(f"bench: {operation.name}, {clients} clients: {rates} a second", file=sys.stderr)
        return found

    def _run(self, operation: Operation, clients: int) -> Timing:
        """Measure once; the first request of every connection does not count."""
        connections = _connections(self._house, clients)
        try:
            _check(operation, connections, self._requests)
            requests = self._requests.of(operation, max(operation.count, clients))
            timing = drive(connections, requests, status=operation.status, seconds=self._options.seconds)
        finally:
            for connection in connections:
                connection.close()
        self.sent += clients + len(timing.latencies)
        self.busiest = max(self.busiest, timing.processor_seconds / timing.seconds)
        return timing


def _connections(house: House, count: int) -> list[Client]:
    return [Client(house.api_url) for _ in range(count)]


def _check(operation: Operation, connections: Sequence[Client], requests: Requests) -> None:
    """Send one request over each connection; raise ``BenchFailed`` unless what comes back is what is to be measured."""

    def send(connection: Client, request: bytes) -> bytes:
        return connection.send(request, operation.status).body

    # All at once, because the service gives up a new connection on which nothing comes for ten seconds.
    with ThreadPoolExecutor(len(connections)) as pool:
        bodies = list(pool.map(send, connections, requests.of(operation, len(connections))))
    for body in bodies if operation.listed is not None else ():
        found = len(json.loads(body)["clusters"])
        if found != operation.listed:
            raise BenchFailed(f"{operation.name} was answered with {found} clusters")


def _statements(house: House, requests: Requests, operation: Operation) -> float:
    """Count the statements of one request; the first one pays for what is kept for others."""
    connections = _connections(house, 1)
    try:
        _check(operation, connections, requests)
        before = sum(house.statements().values())
        for _ in range(COUNTED):
            _check(operation, connections, requests)
        return (sum(house.statements().values()) - before) / COUNTED
    finally:
        connections[0].close()


def _validations(house: House) -> int:
    calls = house.calls()
    return sum(count for route, count in calls.items() if route.startswith("keystone GET") and "tokens" in route)


def _version(store: Store) -> str:
    """Name the database with its version."""
    dialect = store.engine.dialect
    with store.engine.connect() as connection:
        query = "SELECT sqlite_version()" if dialect.name == "sqlite" else "SELECT VERSION()"
        return f"{'SQLite' if dialect.name == 'sqlite' else 'MariaDB'} {connection.scalar(sa.text(query))}"


if __name__ == "__main__":
    sys.exit(main())
