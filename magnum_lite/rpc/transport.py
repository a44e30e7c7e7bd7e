# SPDX-License-Identifier: Apache-2.0
"""The way messages take: a broker in production, memory when one process holds both services."""

from __future__ import annotations

import importlib
from typing import TypeAlias

import oslo_messaging
from oslo_config import cfg
from oslo_messaging import opts

Transport: TypeAlias = oslo_messaging.Transport

TOPIC = "magnum-lite-conductor"
EXCHANGE = "magnum_lite"
VERSION = "1.0"
RABBIT = "oslo_messaging_rabbit"
GLOBAL_OPTIONS = (
    ("oslo_messaging._tracing.client", "oslo_messaging_tracing"),
    ("oslo_messaging._metrics.client", "oslo_messaging_metrics"),
)


def new(conf: cfg.ConfigOpts) -> Transport:
    """Make the transport of ``[DEFAULT] transport_url``; ``fake://`` keeps messages in this process's memory.

    On RabbitMQ queues are durable unless the operator says otherwise, and a broker that is away is noticed soon.
    """
    oslo_messaging.set_transport_defaults(EXCHANGE)
    for group, options in opts.list_opts():
        if getattr(group, "name", group) == RABBIT:
            conf.register_opts(options, group=RABBIT)
    _register_unregistered(conf)
    conf.set_default("amqp_durable_queues", True, group=RABBIT)
    conf.set_default("heartbeat_timeout_threshold", 30, group=RABBIT)
    return oslo_messaging.get_rpc_transport(conf)


def _register_unregistered(conf: cfg.ConfigOpts) -> None:
    """Register what oslo.messaging reads with every message, but itself registers with global options only."""
    for module, group in GLOBAL_OPTIONS:
        try:
            conf.register_opts(getattr(importlib.import_module(module), group), group=group)
        except ImportError:
            # An older version does not have, and does not read, them.
            continue


def target(server: str | None = None) -> oslo_messaging.Target:
    """Address any conductor, or the one of this name."""
    return oslo_messaging.Target(topic=TOPIC, server=server, version=VERSION)
