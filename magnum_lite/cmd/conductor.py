# SPDX-License-Identifier: Apache-2.0
"""The command ``magnum-lite-conductor``."""

from __future__ import annotations

import datetime
import os
import secrets
import signal
import socket
import sys
import threading

from oslo_config import cfg
from oslo_log import log

from magnum_lite import conf as configuration
from magnum_lite.certs import vaults
from magnum_lite.clouds.session import service_session
from magnum_lite.cmd.failures import explained
from magnum_lite.conductor.clouds import OpenStackClouds
from magnum_lite.conductor.deps import ConductorDeps
from magnum_lite.conductor.service import ConductorService
from magnum_lite.drivers.registry import Registry
from magnum_lite.rpc import conductor as rpc
from magnum_lite.rpc import transport
from magnum_lite.store.engine import Store

LOG = log.getLogger(__name__)


def build(conf: cfg.ConfigOpts, store: Store, host: str) -> ConductorService:
    """Make a conductor from its configuration; nothing runs before it is started."""
    deps = ConductorDeps(
        conf=conf,
        store=store,
        vault=vaults.load(conf, store),
        clouds=OpenStackClouds(conf, service_session(conf)),
        drivers=Registry.from_conf(conf),
        owner=f"{host}:{os.getpid()}:{secrets.token_hex(4)}",
        now=lambda: datetime.datetime.now(datetime.UTC),
    )
    return ConductorService(deps, host=host)


def start(service: ConductorService, wire: transport.Transport, host: str) -> None:
    """Begin to work and to take messages."""
    service.start(rpc.new_server(wire, service.endpoint, server=host))


@explained
def main() -> int:
    conf = configuration.new(sys.argv[1:])
    log.setup(conf, "magnum_lite")
    host = conf.conductor.host or socket.gethostname()
    service = build(conf, Store.from_conf(conf), host)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    start(service, transport.new(conf), host)
    LOG.info("conductor %s works", host)
    stopping.wait()
    is_clean = service.stop()
    # Threads that are cut off may sit in a call to a cloud; what they do is found again by their successor.
    os._exit(0 if is_clean else 1)
