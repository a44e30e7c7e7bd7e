# SPDX-License-Identifier: Apache-2.0
"""The way messages take: a broker in production, memory when one process holds both services."""

from __future__ import annotations

import oslo_messaging
from oslo_config import cfg
from oslo_messaging import opts

TOPIC = "magnum-lite-conductor"
EXCHANGE = "magnum_lite"
VERSION = "1.0"
RABBIT = "oslo_messaging_rabbit"


def new(conf: cfg.ConfigOpts) -> oslo_messaging.Transport:
    """Make the transport of ``[DEFAULT] transport_url``; ``fake://`` keeps messages in this process's memory.

    On RabbitMQ queues are durable unless the operator says otherwise, and a broker that is away is noticed soon.
    """
    oslo_messaging.set_transport_defaults(EXCHANGE)
    for group, options in opts.list_opts():
        if getattr(group, "name", group) == RABBIT:
            conf.register_opts(options, group=RABBIT)
    conf.set_default("amqp_durable_queues", True, group=RABBIT)
    conf.set_default("heartbeat_timeout_threshold", 30, group=RABBIT)
    return oslo_messaging.get_rpc_transport(conf)


def target(server: str | None = None) -> oslo_messaging.Target:
    """Address any conductor, or the one of this name."""
    return oslo_messaging.Target(topic=TOPIC, server=server, version=VERSION)
