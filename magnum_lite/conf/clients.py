# SPDX-License-Identifier: Apache-2.0
"""Calls to other OpenStack services."""

from oslo_config import cfg

GROUP = "clients"

OPTIONS = (
    cfg.StrOpt("region_name", help="The region whose endpoints are called."),
    cfg.StrOpt(
        "interface", default="public", choices=("public", "internal", "admin"), help="Which endpoints are called."
    ),
    cfg.FloatOpt("timeout", default=30.0, min=0.1, help="How long one call may take, in seconds."),
    cfg.IntOpt("connect_retries", default=1, min=0, help="How often a refused connection is tried again."),
    cfg.StrOpt("cafile", help="A PEM file with the CA of the endpoints. Unset: the trust of the system."),
    cfg.BoolOpt("insecure", default=False, help="Do not check the certificates of the endpoints."),
)
