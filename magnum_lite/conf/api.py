# SPDX-License-Identifier: Apache-2.0
"""The REST service."""

from oslo_config import cfg

GROUP = "api"

OPTIONS = (
    cfg.HostAddressOpt("host", default="127.0.0.1", help="The address to listen on."),
    cfg.PortOpt("port", default=9511, help="The port to listen on."),
    cfg.IntOpt("threads", default=16, min=1, help="How many requests one process answers at a time."),
    cfg.IntOpt("max_limit", default=1000, min=1, help="The most items one answer lists."),
    cfg.IntOpt("max_body_bytes", default=1048576, min=1024, help="The largest request body, in bytes."),
    cfg.StrOpt("ssl_cert_file", help="A PEM certificate chain; set it and ssl_key_file to serve HTTPS."),
    cfg.StrOpt("ssl_key_file", help="The PEM key of ssl_cert_file."),
    cfg.StrOpt(
        "healthcheck_disable_file",
        default="/etc/magnum_lite/healthcheck_disable",
        help="While this file exists /healthcheck answers 503, so that a load balancer sends no more requests.",
    ),
    cfg.IntOpt("service_down_seconds", default=180, min=1, help="A conductor silent for longer counts as down."),
)
