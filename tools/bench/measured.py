# SPDX-License-Identifier: Apache-2.0
"""Runs the services as their commands do, and on SIGUSR1 writes down how many SQL statements and requests they made."""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from oslo_log import log

from magnum_lite import conf as configuration
from magnum_lite.api.versions import Application
from magnum_lite.cmd import api, conductor
from magnum_lite.rpc import transport
from magnum_lite.store.engine import Store

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"[-_ ]?\(?\d+\)?")
LISTS = re.compile(r"\((?:[?%:][^()]*)\)")


class Statements:
    """Counts statements by who made them, a route of the API or a thread of the conductor, and by their text."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._here = threading.local()
        self._seen: Counter[tuple[str, str]] = Counter()
        self._requests: Counter[str] = Counter()

    def listen(self) -> None:
        """Hear of every statement that any engine of this process executes from now on."""
        sa.event.listen(sa.Engine, "before_cursor_execute", self._note)

    def watch(self, application: Application) -> Application:
        """Note for each request which route it is, so that its statements are put down to that."""

        def watched(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            route = f"{environ['REQUEST_METHOD']} {UUID.sub('{uuid}', environ['PATH_INFO'])}"
            self._here.route = route
            with self._lock:
                self._requests[route] += 1
            return application(environ, start_response)

        return watched

    def write(self, path: Path) -> None:
        """Write all counts; whoever reads the file sees all of it or none."""
        with self._lock:
            statements = [[who, text, count] for (who, text), count in self._seen.most_common()]
            counts = {"statements": statements, "requests": dict(self._requests)}
        new = path.with_suffix(".new")
        new.write_text(json.dumps(counts))
        new.rename(path)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        who = getattr(self._here, "route", None) or NUMBER.sub("", threading.current_thread().name)
        text = LISTS.sub("(...)", " ".join(statement.split()))
        if text.startswith("BEGIN"):
            # Only with SQLite oslo.db sends it as a statement.
            return
        with self._lock:
            self._seen[who, text] += 1


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    options = _options()
    statements = Statements()
    statements.listen()
    conf = configuration.new([], [str(options.configuration)])
    log.setup(conf, "magnum_lite")
    stopping, wanted = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    signal.signal(signal.SIGUSR1, lambda *_: wanted.set())
    threading.Thread(target=_answer, args=(wanted, statements, options.counts), daemon=True).start()
    stop = _start(conf, options.services, statements)
    statements.write(options.counts)
    stopping.wait()
    stop()
    return 0


def _options() -> argparse.Namespace:
    top = argparse.ArgumentParser(description="Run services and count what they do.")
    top.add_argument("services", nargs="+", choices=("api", "conductor"))
    top.add_argument("--configuration", type=Path, required=True, help="the file the services are configured with")
    top.add_argument("--counts", type=Path, required=True, help="the file to write on SIGUSR1, and once when ready")
    return top.parse_args()


def _start(conf: Any, services: list[str], statements: Statements) -> Callable[[], None]:
    """Start services that share a database and a transport; give what stops them."""
    store, wire = Store.from_conf(conf), transport.new(conf)
    stops: list[Callable[[], Any]] = []
    if "conductor" in services:
        service = conductor.build(conf, store, "bench")
        conductor.start(service, wire, "bench")
        stops.append(service.stop)
    if "api" in services:
        server = api.Server(statements.watch(api.build(conf, store=store, wire=wire)), conf)
        server.start()
        stops.insert(0, server.stop)

    def stop() -> None:
        for one in stops:
            one()

    return stop


def _answer(wanted: threading.Event, statements: Statements, path: Path) -> None:
    while wanted.wait():
        wanted.clear()
        statements.write(path)


if __name__ == "__main__":
    sys.exit(main())
