# SPDX-License-Identifier: Apache-2.0
"""``magnum-lite-api``: the REST service on a production WSGI server."""

from __future__ import annotations

import datetime
import logging
import signal
import sys
import threading

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from oslo_config import cfg
from oslo_log import log

from magnum_lite import conf as configuration
from magnum_lite.api.app import new_app
from magnum_lite.api.body import DRAINED_BYTES
from magnum_lite.api.deps import ApiDeps
from magnum_lite.api.lookups import RequesterClouds
from magnum_lite.api.policy import Policy
from magnum_lite.api.versions import Application
from magnum_lite.cmd.failures import explained
from magnum_lite.drivers.registry import Registry
from magnum_lite.rpc import transport
from magnum_lite.rpc.conductor import ConductorClient
from magnum_lite.store.engine import Store

LOG = logging.getLogger(__name__)

MAX_HEADER_BYTES = 65536
STOP_SECONDS = 5


def build(conf: cfg.ConfigOpts, *, store: Store | None = None, wire: transport.Transport | None = None) -> Application:
    """Give the application with everything it needs, as the configuration says.

    A process that holds other services too hands in the store and the transport that they share.
    """
    deps = ApiDeps(
        conf=conf,
        store=store or Store.from_conf(conf),
        conductor=ConductorClient(wire or transport.new(conf), timeout=conf.conductor.rpc_timeout),
        drivers=Registry.from_conf(conf),
        policy=Policy(conf),
        clouds=RequesterClouds(conf),
        clock=lambda: datetime.datetime.now(datetime.UTC),
    )
    return new_app(deps)


class Server:
    """An HTTP server of ``[api] threads`` threads."""

    def __init__(self, application: Application, conf: cfg.ConfigOpts) -> None:
        options = conf.api
        self._where = f"{options.host}:{options.port}"
        self._server = wsgi.Server(
            (options.host, options.port),
            application,
            numthreads=options.threads,
            request_queue_size=128,
            shutdown_timeout=STOP_SECONDS,
        )
        self._server.max_request_header_size = MAX_HEADER_BYTES
        self._server.max_request_body_size = DRAINED_BYTES
        if options.ssl_cert_file and options.ssl_key_file:
            self._server.ssl_adapter = BuiltinSSLAdapter(options.ssl_cert_file, options.ssl_key_file)
        self._thread = threading.Thread(target=self._server.serve, name="api", daemon=True)

    def start(self) -> None:
        """Listen; when this returns, connections are accepted. Raises ``OSError`` when it cannot."""
        try:
            self._server.prepare()
        except OSError as error:
            raise OSError(f"cannot listen on {self._where}: {error}") from error
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, at most five seconds long."""
        self._server.stop()
        self._thread.join(timeout=STOP_SECONDS)


@explained
def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    conf = configuration.new(sys.argv[1:])
    log.setup(conf, "magnum_lite")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server = Server(build(conf), conf)
    server.start()
    LOG.info("listening on %s:%s", conf.api.host, conf.api.port)
    stopping.wait()
    server.stop()
    return 0
