# SPDX-License-Identifier: Apache-2.0
"""The service that builds clusters."""

from oslo_config import cfg

GROUP = "conductor"

OPTIONS = (
    cfg.StrOpt("host", help="The name of this conductor among others. Unset: the name of the machine."),
    cfg.IntOpt("workers", default=8, min=1, help="How many clusters one conductor works on at a time."),
    cfg.FloatOpt(
        "periodic_seconds",
        default=10.0,
        min=0.05,
        help="How often unfinished operations are looked for, in seconds; a lost message costs at most this.",
    ),
    cfg.FloatOpt(
        "reservation_seconds",
        default=30.0,
        min=0.5,
        help="How long a cluster stays reserved for a conductor that has died, in seconds; "
        "one that lives renews its reservations three times as often.",
    ),
    cfg.FloatOpt("heartbeat_seconds", default=20.0, min=0.1, help="How often a conductor says that it lives."),
    cfg.IntOpt("max_attempts", default=12, min=1, help="How often a step is tried when a cloud service fails."),
    cfg.FloatOpt("backoff_seconds", default=1.0, min=0.01, help="The first wait after a failure; it doubles."),
    cfg.FloatOpt("max_backoff_seconds", default=60.0, min=0.01, help="The longest wait between two tries."),
    cfg.FloatOpt("rpc_timeout", default=30.0, min=0.1, help="How long the API waits for a signature, in seconds."),
    cfg.IntOpt("default_create_timeout", default=60, min=1, help="Minutes for a create that names no time."),
)
